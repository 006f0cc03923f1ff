/** A row as a text that is the same wherever the row came from: an event orders its fields otherwise than a list. */
export function canonical(row: object): string {
  return JSON.stringify(row, Object.keys(row).sort());
}
