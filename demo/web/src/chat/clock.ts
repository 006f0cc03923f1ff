const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export const clock = (at: string): string => time.format(new Date(at));

/** The day as a heading: today, yesterday, or its date. */
export function dayOf(at: string): string {
  const date = new Date(at);
  if (isToday(date)) return 'Today';
  return isToday(new Date(date.getTime() + 24 * 60 * 60 * 1000)) ? 'Yesterday' : day.format(date);
}

/** As short as it can be: the time today, else the day. */
export function when(at: string): string {
  const date = new Date(at);
  return isToday(date) ? time.format(date) : short.format(date);
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString();
}
