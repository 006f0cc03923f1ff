/** The kind of each option of a resource and of a live query. */
import { shown } from '../common/console.js';
import {
  address,
  anyText,
  callback,
  checkedElsewhere,
  checkOptions,
  either,
  flag,
  type Kind,
  type Kinds,
  list,
  object,
  text,
  warnOfUnknown,
  word,
} from '../options/check.js';
import type { ResourceOptions } from './resource-options.js';
import type { LiveOptions } from './types.js';

const path: Kind = { ...text, expected: "a path in a row, such as 'id' or 'meta.version'" };
/** The empty path is the data itself. */
const anyPath: Kind = { ...anyText, expected: "a path in an event's data, such as 'row' or 'data.row'" };

const RESOURCE: Kinds<ResourceOptions<object>> = {
  url: address,
  rows: either(anyText, callback),
  row: callback,
  key: path,
  version: path,
  strict: flag,
  merge: flag,
  since: flag,
  rowUrls: list,
  belongs: either(callback, word('all')),
  on: object,
  rowField: anyPath,
  deletedField: anyPath,
  urlField: anyPath,
  tagField: anyPath,
  headField: anyPath,
  // `definition.ts` says more of these
  channel: checkedElsewhere,
  indexes: checkedElsewhere,
  mode: checkedElsewhere,
  after: checkedElsewhere,
  page: checkedElsewhere,
  pageSize: checkedElsewhere,
  next: checkedElsewhere,
  tags: checkedElsewhere,
  schema: checkedElsewhere,
};

const LIVE: Kinds<LiveOptions> = {
  where: object,
  orderBy: either(text, list),
  // `query.ts` counts these
  offset: checkedElsewhere,
  limit: checkedElsewhere,
};

/** Throws where an option of a resource is none that it can have, and warns of those that nobody knows. */
export function checkResourceOptions(name: string, options: ResourceOptions<object>): void {
  const who = `Resource '${name}'`;
  checkOptions(who, options, RESOURCE);
  warnOfUnknown(who, options, Object.keys(RESOURCE), false);
}

/** The same, of a live query. */
export function checkLiveOptions(name: string, options: LiveOptions): void {
  const who = `Resource '${name}': live()`;
  checkOptions(who, options, LIVE);
  warnOfUnknown(who, options, Object.keys(LIVE), false);
}

/** The text of a row's id, or an error that says that it is none. */
export function idText(name: string, id: unknown): string {
  if ((typeof id === 'string' && id !== '') || Number.isSafeInteger(id)) return String(id);
  throw new Error(
    `Resource '${name}': get() was asked for the id ${shown(id)}; expected a text or a whole number.`,
  );
}
