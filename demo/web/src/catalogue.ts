import type { RowChange } from 'echolite';
import { byId, make } from './dom.js';
import type { Product } from './product.js';
import { RowView } from './row.js';

/** How long a changed row stays marked, in milliseconds. */
const HIGHLIGHT = 1600;
/** Rows painted beyond either edge, so that scrolling and tabbing find them there. */
const OVERSCAN = 6;
/** More marks than this beside the list would be a solid bar. */
const MOST_TICKS = 300;

/** The list: of thousands of rows only those in view are elements. */
export class Catalogue {
  /** What is known of the painted frame, once it was painted. */
  onPainted: () => void = () => {};

  readonly #scroller = byId('list');
  readonly #body = byId('rows');
  readonly #ticks = byId('ticks');
  readonly #views = new Map<string, RowView>();
  /** Until when a row is marked, by id; in milliseconds of `performance.now()`. */
  readonly #marked = new Map<string, number>();
  readonly #open: (product: Product) => void;
  #rows: readonly Product[] = [];
  #changed: string[] = [];
  #height = 0;
  #frame = 0;
  #isNew = false;
  /** The row at which the tab key stops; arrow keys go from there. */
  #current: number | undefined;
  /** Whether that row gets the focus once it is painted. */
  #isMoving = false;

  constructor(open: (product: Product) => void) {
    this.#open = open;
    this.#scroller.addEventListener('scroll', () => this.#schedule(), { passive: true });
    this.#scroller.addEventListener('keydown', (event) => this.#onKey(event));
    this.#body.addEventListener('focusin', ({ target }) => {
      const row = (target as Element).closest<HTMLElement>('.row');
      if (row) this.#current = Number(row.dataset.id);
      this.#markStop();
    });
    new ResizeObserver(() => {
      this.#height = Number.parseFloat(getComputedStyle(this.#body).getPropertyValue('--row'));
      this.#isNew = true;
      this.#schedule();
    }).observe(this.#scroller);
  }

  show(rows: readonly Product[], changes: readonly RowChange[]): void {
    const anchor = this.#anchor();
    this.#rows = rows;
    this.#isNew = true;
    for (const { id, kind } of changes) if (kind !== 'delete') this.#changed.push(id);
    this.#keep(anchor);
    this.#schedule();
  }

  /** Shows another query from its beginning. */
  rewind(): void {
    this.#scroller.scrollTop = 0;
    this.#changed = [];
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint(): void {
    if (this.#height === 0) return;
    if (this.#isNew) this.#body.style.height = `${this.#rows.length * this.#height}px`;
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.max(0, Math.floor(scrollTop / this.#height) - OVERSCAN);
    const end = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / this.#height) + OVERSCAN);
    this.#paintRows(first, end);
    this.#paintChanges();
    this.#markStop();
    this.#scroller.dataset.rows = String(this.#views.size);
    this.#scroller.dataset.total = String(this.#rows.length);
    this.#scroller.ariaRowCount = String(this.#rows.length + 1);
    if (this.#isNew) afterPaint(this.onPainted);
    this.#isNew = false;
  }

  #paintRows(first: number, end: number): void {
    const inView = this.#rows.slice(first, end);
    const ids = new Set(inView.map(({ id }) => String(id)));
    for (const [id, view] of this.#views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.#views.delete(id);
    }
    // Elements stand in the order of the rows, which is the order of the tab key.
    let next = this.#body.firstElementChild;
    inView.forEach((product, at) => {
      const view = this.#view(product);
      view.show(product, first + at, this.#height);
      if (view.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(view.element, next);
    });
  }

  /** The tab key stops at the current row, or where that is out of view at the first that is painted. */
  #markStop(): void {
    const painted = [...this.#body.children] as HTMLElement[];
    const current = this.#views.get(String(this.#current)) ?? this.#views.get(painted[0]?.dataset.id ?? '');
    for (const view of this.#views.values()) view.isTabStop = view === current;
    if (!this.#isMoving || !current) return;
    this.#isMoving = false;
    current.focus();
  }

  /** Arrow keys, Home, End and the page keys go from row to row. */
  #onKey(event: KeyboardEvent): void {
    const from = this.#rows.findIndex(({ id }) => id === this.#current);
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / this.#height) - 1);
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: this.#rows.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined || from < 0 || !this.#body.contains(event.target as Node)) return;
    event.preventDefault();
    this.#goTo(Math.min(this.#rows.length - 1, Math.max(0, to)));
  }

  /** Brings a row into view, below the heads, and gives it the focus. */
  #goTo(index: number): void {
    this.#current = this.#rows[index]?.id;
    this.#isMoving = true;
    const heads = this.#body.offsetTop;
    const [top, bottom] = [index * this.#height, (index + 1) * this.#height + heads];
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop) this.#scroller.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.#scroller.scrollTop = bottom - clientHeight;
    this.#schedule();
  }

  #view({ id }: Product): RowView {
    const known = this.#views.get(String(id));
    if (known) return known;
    const view = new RowView(this.#open);
    this.#views.set(String(id), view);
    const until = this.#marked.get(String(id));
    if (until !== undefined) this.#mark(String(id), until);
    return view;
  }

  /** Marks what changed; from now on, because a hidden window paints late. */
  #paintChanges(): void {
    if (this.#changed.length === 0) return;
    const until = performance.now() + HIGHLIGHT;
    const changed = new Set(this.#changed);
    this.#changed = [];
    for (const id of changed) {
      this.#marked.set(id, until);
      this.#mark(id, until);
    }
    this.#tick(changed);
    setTimeout(() => this.#unmark(changed, until), HIGHLIGHT);
  }

  #mark(id: string, until: number): void {
    const view = this.#views.get(id);
    if (!view || view.element.dataset.until === String(until)) return;
    view.element.dataset.until = String(until);
    view.highlight(true);
  }

  #unmark(ids: Set<string>, until: number): void {
    for (const id of ids) {
      if (this.#marked.get(id) !== until) continue;
      this.#marked.delete(id);
      this.#views.get(id)?.highlight(false);
    }
  }

  /** Beside the list, where in it something changed: most of it is out of view. */
  #tick(changed: Set<string>): void {
    this.#rows.forEach((product, index) => {
      if (!changed.has(String(product.id)) || this.#ticks.childElementCount >= MOST_TICKS) return;
      const tick = make('i', 'tick');
      tick.style.top = `${((index + 0.5) / this.#rows.length) * 100}%`;
      this.#ticks.append(tick);
      setTimeout(() => tick.remove(), 3 * HIGHLIGHT);
    });
  }

  /** The row at the top of the view, to be kept there when rows come and go above it. */
  #anchor(): { id: number; index: number } | undefined {
    const index = Math.floor(this.#scroller.scrollTop / this.#height);
    const product = this.#rows[index];
    return index > 0 && product ? { id: product.id, index } : undefined;
  }

  #keep(anchor: { id: number; index: number } | undefined): void {
    if (!anchor || this.#rows[anchor.index]?.id === anchor.id) return;
    const index = this.#rows.findIndex(({ id }) => id === anchor.id);
    // A row that went far off is left: what was around it matters more.
    if (index < 0 || Math.abs(index - anchor.index) > 50) return;
    this.#body.style.height = `${this.#rows.length * this.#height}px`;
    this.#scroller.scrollTop += (index - anchor.index) * this.#height;
  }
}

/** Calls back when the frame that is being made has been handed to the screen. */
function afterPaint(callback: () => void): void {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    callback();
    channel.port1.close();
  };
  channel.port2.postMessage(undefined);
}
