/** A product as the API shows it. `price` is in cents; `version` grows with every change. */
export interface Product {
  id: number;
  sku: string;
  name: string;
  brand: string;
  category: string;
  price: number;
  stock: number;
  rating: number;
  version: number;
  updated_at: string;
}

export const CATEGORIES = [
  'Anchors & chain',
  'Blocks & tackle',
  'Deck hardware',
  'Foul-weather gear',
  'Galley',
  'Instruments',
  'Lamps & lanterns',
  'Paint & varnish',
  'Rope & line',
  'Sailcloth & canvas',
  'Shackles & hooks',
  "Tools & bosun's stores",
] as const;

const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const count = new Intl.NumberFormat('en');
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export const formatPrice = (cents: number): string => money.format(cents / 100);
export const formatCount = (number: number): string => count.format(number);
export const formatClock = (time: number | string): string => clock.format(new Date(time));
