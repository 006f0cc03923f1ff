/** Translates `where` and `orderBy` into an engine's query. */
import { shown } from '../common/console.js';
import type { ConditionName, Leaf, WireQuery } from '../engine/port.js';
import { checkLiveOptions } from './resource-kinds.js';
import type { LiveOptions } from './types.js';

/** Names that a query may use: the resource, and its fields with an index. */
interface Queryable {
  name: string;
  key: string;
  indexes: string[];
}

type Condition = WireQuery['conditions'][number];

const CONDITIONS: Readonly<Record<string, ConditionName>> = {
  eq: 'equals',
  ne: 'differs',
  in: 'oneOf',
  lt: 'less',
  lte: 'atMost',
  gt: 'greater',
  gte: 'atLeast',
  contains: 'contains',
};

/** The engine's query, or an error that names the field and the fix. */
export function wireQuery(resource: Queryable, options: LiveOptions): WireQuery {
  checkLiveOptions(resource.name, options);
  const { offset = 0, limit } = options;
  const where = options.where ?? {};
  const orderBy = options.orderBy ?? [];
  count(resource, 'offset', offset);
  if (limit !== undefined) count(resource, 'limit', limit);
  const conditions = Object.entries(where).flatMap(([field, wanted]) => {
    indexed(resource, field, 'where');
    return fieldConditions(`Resource '${resource.name}': where.${field}`, field, wanted);
  });
  const order = [orderBy].flat().map((by): [string, boolean] => {
    const descending = by.startsWith('-');
    const field = descending ? by.substring(1) : by;
    indexed(resource, field, 'orderBy');
    return [field, descending];
  });
  return { conditions, order, offset, ...(limit === undefined ? {} : { limit }) };
}

function fieldConditions(what: string, field: string, wanted: unknown): Condition[] {
  if (Array.isArray(wanted)) return [[field, 'oneOf', leaves(what, wanted)]];
  if (typeof wanted !== 'object' || wanted === null) return [[field, 'equals', leaf(what, wanted)]];
  const operators = Object.entries(wanted);
  if (operators.length === 0) {
    throw new Error(
      `${what} is ${shown(wanted)}; expected a value, a list, or operators such as { lt: 50 }.`,
    );
  }
  return operators.map(([operator, operand]): Condition => {
    const condition = Object.hasOwn(CONDITIONS, operator) ? CONDITIONS[operator] : undefined;
    if (condition === undefined) {
      const known = Object.keys(CONDITIONS).join(', ');
      throw new Error(`${what} has the operator '${operator}'; expected one of ${known}.`);
    }
    const where = `${what}.${operator}`;
    if (operator === 'contains' && typeof operand !== 'string') {
      throw new Error(`${where} is ${shown(operand)}; expected a text.`);
    }
    return [field, condition, operator === 'in' ? leaves(where, operand) : leaf(where, operand)];
  });
}

function leaf(what: string, value: unknown): Leaf {
  if (value === null || ['string', 'boolean'].includes(typeof value)) return value as Leaf;
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  const fix = value === undefined ? '; leave the field out for no condition' : '';
  throw new Error(`${what} is ${String(value)}; expected a string, number, boolean or null${fix}.`);
}

function leaves(what: string, values: unknown): Leaf[] {
  if (!Array.isArray(values)) throw new Error(`${what} is ${String(values)}; expected a list.`);
  return values.map((value) => leaf(what, value));
}

function indexed({ name, key, indexes }: Queryable, field: string, option: string): void {
  if (field === key || indexes.includes(field)) return;
  const wanted = [...indexes, field].map((index) => `'${index}'`).join(', ');
  throw new Error(
    `Resource '${name}': ${option} names '${field}', which has no index. Declare it: indexes: [${wanted}].`,
  );
}

function count({ name }: Queryable, option: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= 0) return;
  throw new Error(`Resource '${name}': ${option} is ${String(value)}; expected a whole number from 0 on.`);
}
