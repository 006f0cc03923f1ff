import { createCache, type Snapshot } from 'echolite';
import './style.css';
import { Badge } from './badge.js';
import { Catalogue } from './catalogue.js';
import { controls } from './controls.js';
import { byId } from './dom.js';
import { Editor } from './editor.js';
import { Facts } from './facts.js';
import { Panel } from './panel.js';
import { formatCount, type Product } from './product.js';
import { Query } from './query.js';
import { server } from './server.js';
import { settings } from './settings.js';

const cache = createCache({ ...server, scope: 'demo' });

const products = cache.resource<Product>('products', {
  url: '/api/products',
  version: 'version',
  strict: true,
  channel: 'private:cache-products',
  since: true,
  on: { '.ProductChanged': () => settings.reaction },
  belongs: 'all',
  indexes: ['id', 'name', 'category', 'price', 'stock', 'rating', 'version'],
});

const badge = new Badge();
const panel = new Panel();
const facts = new Facts(() => cache.inspect(), 'products');
const editor = new Editor();
const catalogue = new Catalogue((product) => editor.open(product));
const query = new Query(() => {
  isNewQuery = true;
  catalogue.rewind();
  list.update(query.options);
});
const list = products.live(query.options);
/** The next rows answer another question, or are the first: that they are others is no change to be shown. */
let isNewQuery = true;

list.subscribe((snapshot) => {
  badge.show(snapshot.status);
  facts.refresh();
  showCount(snapshot);
  const { rows, changes } = snapshot;
  catalogue.show(rows, isNewQuery ? changes.filter(({ kind }) => kind === 'update') : changes);
  isNewQuery = snapshot.status.state === 'empty';
});
catalogue.onPainted = () => panel.ledger.painted(performance.now());

cache.onActivity((activity) => {
  panel.ledger.note(activity);
  facts.refresh();
});
cache.onConnectionChange((state, reason) => {
  badge.connection(state, reason);
  panel.say(`Socket ${state}`, reason === state ? '' : reason);
  facts.refresh();
});
badge.connection(cache.connectionState, '');

controls({
  rows: () => list.rows,
  forget: () => void cache.clear(),
  say: (title, detail) => panel.say(title, detail),
});
byId('add').addEventListener('click', () => editor.open(undefined, query.category));

function showCount({ total, status }: Snapshot<Product>): void {
  byId('count').textContent = `${formatCount(total)} product${total === 1 ? '' : 's'}`;
  const isEmpty = status.state === 'empty';
  byId('nothing').hidden = total > 0;
  byId('nothing').textContent = isEmpty
    ? 'Nothing is stored on this device yet. The list appears as soon as the server answers.'
    : 'No product is called that. Try fewer letters, or another category.';
}

/** For the console, and for tests. */
declare global {
  interface Window {
    echoliteDemo: { cache: typeof cache; products: typeof products };
  }
}
window.echoliteDemo = { cache, products };
