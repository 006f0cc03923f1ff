/** In the page: the list in an Echolite cache. */
import { followSockets, sampleFrom } from '@echolite/test-support/probe';
import { createCache, type ResourceOptions } from 'echolite';
import { connection, type Row, settings } from './page-settings.js';

followSockets();
const { list, user } = settings();
const cache = createCache({ ...connection(), scope: user ?? 'everybody' });

const rows = cache.resource<Row>(list.name, {
  url: list.url,
  channel: `private:${list.channel}`,
  on: { [`.${list.event}`]: 'auto' },
  belongs: 'all',
  ...versions(),
});
const live = rows.live();
const { sample } = sampleFrom(() => {
  const { state, reason } = live.status;
  return {
    isFresh: state === 'fresh',
    says: reason ? `${state} (${reason})` : state,
    rows: live.rows,
  };
});
live.subscribe(sample);

/** As the guide says: the field that grows with each change, and whether it is a counter. */
function versions(): Pick<ResourceOptions<Row>, 'version' | 'strict' | 'since'> {
  switch (list.facts) {
    case 'heads':
      return { version: 'version', strict: true, since: true };
    case 'versions':
      return { version: 'version', strict: true };
    case 'timestamps':
      return { version: 'updated_at' };
    case 'none':
      return {};
  }
}
