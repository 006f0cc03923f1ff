import type { LiveOptions } from 'echolite';
import { byId, make } from './dom.js';
import { CATEGORIES } from './product.js';

/** How a list may be ordered, and what a person calls that. */
const ORDERS: Record<string, string> = {
  '-id': 'Newest first',
  name: 'Name, A to Z',
  '-name': 'Name, Z to A',
  price: 'Price, low to high',
  '-price': 'Price, high to low',
  stock: 'Stock, low to high',
  '-stock': 'Stock, high to low',
  '-rating': 'Rating, best first',
  category: 'Category',
  '-version': 'Last changed first',
};

const FIRST = '-id';

/** Search, filter and order; kept in the address, so a reload or a link shows the same. */
export class Query {
  readonly #search = byId<HTMLInputElement>('search');
  readonly #category = byId<HTMLSelectElement>('category');
  readonly #order = byId<HTMLSelectElement>('order');
  readonly #heads = document.querySelectorAll<HTMLButtonElement>('[data-order]');

  constructor(onChange: () => void) {
    this.#category.append(new Option('All categories', ''), ...CATEGORIES.map(option));
    this.#order.append(...Object.entries(ORDERS).map(([value, text]) => new Option(text, value)));
    const address = new URLSearchParams(location.search);
    this.#search.value = address.get('q') ?? '';
    this.#category.value = address.get('category') ?? '';
    this.#order.value = address.get('order') ?? FIRST;
    if (this.#order.selectedIndex < 0) this.#order.value = FIRST;
    if (this.#category.selectedIndex < 0) this.#category.value = '';

    const changed = (): void => {
      this.#remember();
      this.#showOrder();
      onChange();
    };
    this.#search.addEventListener('input', changed);
    this.#category.addEventListener('change', changed);
    this.#order.addEventListener('change', changed);
    for (const head of this.#heads) {
      head.addEventListener('click', () => {
        this.#order.value = this.#next(head.dataset.order ?? FIRST);
        changed();
      });
    }
    this.#showOrder();
  }

  get category(): string | undefined {
    return this.#category.value || undefined;
  }

  get options(): LiveOptions {
    const text = this.#search.value.trim();
    return {
      where: {
        ...(text && { name: { contains: text } }),
        ...(this.#category.value && { category: this.#category.value }),
      },
      orderBy: this.#order.value,
    };
  }

  /** A press on a head orders by it; another turns the order round, where there is one. */
  #next(field: string): string {
    const other = field.startsWith('-') ? field.slice(1) : `-${field}`;
    return this.#order.value === field && other in ORDERS ? other : field;
  }

  #showOrder(): void {
    const order = this.#order.value;
    for (const head of this.#heads) {
      const field = (head.dataset.order ?? FIRST).replace('-', '');
      const isBy = order.replace('-', '') === field;
      const direction = order.startsWith('-') ? 'descending' : 'ascending';
      head.parentElement?.setAttribute('aria-sort', isBy ? direction : 'none');
    }
  }

  #remember(): void {
    const address = new URLSearchParams();
    if (this.#search.value) address.set('q', this.#search.value);
    if (this.#category.value) address.set('category', this.#category.value);
    if (this.#order.value !== FIRST) address.set('order', this.#order.value);
    history.replaceState(null, '', address.size > 0 ? `?${address}` : location.pathname);
  }
}

function option(category: string): HTMLOptionElement {
  return make('option', '', category);
}
