/**
 * In the page: the list in TanStack Query, kept by its persister in IndexedDB, and told of changes by laravel-echo
 * with pusher-js. Each choice is as its documentation says; docs/comparison.md names the places.
 */
import { followSockets, sampleFrom } from '@echolite/test-support/probe';
import { QueryClient, QueryObserver } from '@tanstack/query-core';
import {
  type PersistedClient,
  type Persister,
  persistQueryClient,
} from '@tanstack/query-persist-client-core';
import { del, get, set } from 'idb-keyval';
import Echo from 'laravel-echo';
import Pusher from 'pusher-js';
import { connection, type Row, settings } from './page-settings.js';

interface Changed {
  id: number;
  client_refresh?: Row;
  deleted?: boolean;
}

const DAY = 24 * 60 * 60 * 1_000;
/** The key of the documentation's example. */
const STORED_AS = 'reactQuery';

followSockets();
const { list, use, user } = settings();
const isCareful = use === 'careful';

const queryClient = new QueryClient({
  defaultOptions: { queries: { gcTime: DAY, staleTime: isCareful ? 0 : Number.POSITIVE_INFINITY } },
});
queryClient.mount();
const persister: Persister = {
  persistClient: (client: PersistedClient) => set(STORED_AS, client),
  restoreClient: () => get<PersistedClient>(STORED_AS),
  removeClient: () => del(STORED_AS),
};
const [, restored] = persistQueryClient({ queryClient, persister });
await restored;

const queryKey = isCareful && user ? [list.name, user] : [list.name];
const invalidate = () => void queryClient.invalidateQueries({ queryKey });

async function read<Result>(url: string, signal: AbortSignal): Promise<Result> {
  const response = await fetch(url, { headers: { Accept: 'application/json' }, signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as Result;
}

const rows = new QueryObserver<Row[]>(queryClient, {
  queryKey,
  queryFn: async ({ signal }) => (await read<{ data: Row[] }>(list.url, signal)).data,
});
// no application has a single query: who is signed in is looked up whenever the window is looked at
const session = new QueryObserver(queryClient, {
  queryKey: ['session'],
  queryFn: ({ signal }) => read<unknown>('/api/session', signal),
  staleTime: 0,
});
session.subscribe(() => {});

const echo = new Echo({ ...connection(), Pusher });
const { sample } = sampleFrom(() => {
  const { data, status, fetchStatus, isStale, isRefetchError } = rows.getCurrentResult();
  const socket = echo.connectionStatus();
  // with staleTime 0 everything is stale all the time, which tells nothing
  const isSaidStale = !isCareful && isStale;
  const isQuiet = status === 'success' && fetchStatus === 'idle' && !isRefetchError && !isSaidStale;
  const says = [status, fetchStatus, ...(isSaidStale ? ['stale'] : []), `socket ${socket}`].join(', ');
  return { isFresh: isQuiet && socket === 'connected', says, rows: data ?? [] };
});
rows.subscribe(sample);

const channel = echo.private(list.channel);
channel.listen(`.${list.event}`, use === 'patch' ? patch : invalidate);
if (isCareful) {
  // fires after each reconnect, too
  channel.subscribed(invalidate);
  document.addEventListener('resume', invalidate);
  addEventListener('pageshow', ({ persisted }) => persisted && invalidate());
}

/** What is known is patched; for all else the list is read. */
function patch({ id, client_refresh: row, deleted }: Changed): void {
  const known = queryClient.getQueryData<Row[]>(queryKey)?.some((other) => other.id === id);
  if (deleted) {
    queryClient.setQueryData<Row[]>(queryKey, (old) => old?.filter((other) => other.id !== id));
  } else if (row && known) {
    queryClient.setQueryData<Row[]>(queryKey, (old) => old?.map((other) => (other.id === id ? row : other)));
  } else {
    invalidate();
  }
}
