/** Translates the options of a resource into the engine's words, or says which is wrong. */
import { shown } from '../common/console.js';
import { baseUrl } from '../common/environment.js';
import { EventFormatter } from '../common/event-formatter.js';
import { isObject } from '../common/json.js';
import type { EventFields, FieldType, WireResource } from '../engine/port.js';
import { isReaction, KNOWN_REACTIONS, type ReactionName } from '../engine/reactions.js';
import { fingerprintOf } from './fingerprint.js';
import { MODEL_EVENTS, type ModelEvent } from './model-events.js';
import { checkResourceOptions } from './resource-kinds.js';
import type { ReactionFunction, ResourceOptions } from './resource-options.js';

/** A resource as the page keeps it: functions cannot go to the engine. */
export interface ResourceDefinition {
  wire: WireResource;
  options: ResourceOptions<object>;
  /** By the event's name on the wire. */
  reactions: Map<string, DeclaredReaction>;
  /** The name by which `on` would name an event of the wire. */
  nameOf: (event: string) => string;
}

/** The reaction to one event, as the application declares it. */
interface DeclaredReaction {
  reaction: ReactionName | ReactionFunction<object>;
  /** The event of Laravel's model broadcasting, if it is one. */
  model?: ModelEvent;
}

const MODEL = 'model:';

/** The paths in an event, where the application names no others. */
const EVENT_FIELDS: EventFields = {
  rowField: 'client_refresh',
  deletedField: 'deleted',
  urlField: 'url',
  tagField: 'tags',
  headField: 'head',
};

/** Translates `options`. `anonymous`: nobody is signed in, so only public data may be stored. */
export function defineResource(
  name: string,
  options: ResourceOptions<object>,
  namespace: string | false,
  anonymous: boolean,
): ResourceDefinition {
  const wrong = (what: string) => new Error(`Resource '${name}': ${what}`);
  checkResourceOptions(name, options);
  const { schema = 1 } = options;
  const key = options.key ?? 'id';
  const version = options.version ?? undefined;
  if (!options.url)
    throw wrong("`url` is missing; expected where the list is read, such as '/api/products'.");
  const fields = eventFields(options);
  const append = appendPath(options, key, wrong);
  checkPages(options, wrong);
  if (!Number.isInteger(schema) || schema < 1)
    throw wrong(`\`schema\` is ${shown(schema)}; expected 1, 2, 3, …`);
  const url = absolute(options.url, 'url', wrong);
  const channels = [options.channel ?? []].flat().map((channel) => channelName(channel, wrong));
  if (channels.length === 0) {
    throw wrong("`channel` is missing; expected the channel of its events, such as 'private:products'.");
  }
  const formatter = new EventFormatter(namespace);
  const reactions = reactionsOf(options, formatter, wrong);
  const wire: Omit<WireResource, 'fingerprint'> = {
    name,
    url,
    rowPrefixes: options.rowUrls?.map((prefix) => absolute(prefix, 'rowUrls', wrong)) ?? [
      `${url.replace(/[?#].*$/, '').replace(/\/$/, '')}/`,
    ],
    key,
    version,
    strict: options.strict ?? false,
    merge: options.merge ?? false,
    channels,
    on: [...reactions].map(([event, { reaction }]) => [
      event,
      typeof reaction === 'string' ? reaction : 'auto',
    ]),
    indexes: indexesOf(options, key, append, wrong),
    indexTypes: Object.entries(typesOf(options)),
    ...fields,
    tags: tagsOf(options, wrong),
    belongs: typeof options.belongs === 'function' ? 'function' : options.belongs,
    page: options.page || undefined,
    since: options.since ?? false,
    append,
    consult: typeof options.belongs === 'function' || [...reactions.values()].some(isConsulted),
    schema,
    persist: !anonymous || channels.every(isPublic),
  };
  const nameOf = (event: string) => {
    const short = event.split('\\').at(-1) ?? event;
    return formatter.format(short) === event ? short : `.${event}`;
  };
  return { wire: { ...wire, fingerprint: fingerprintOf(wire, options) }, options, reactions, nameOf };
}

function eventFields(options: ResourceOptions<object>): EventFields {
  const fields = { ...EVENT_FIELDS };
  for (const option of Object.keys(fields) as (keyof EventFields)[]) {
    fields[option] = options[option] ?? EVENT_FIELDS[option];
  }
  return fields;
}

/** The path of what grows with each new row of an append list; of others, nothing. */
function appendPath(
  { mode, after }: ResourceOptions<object>,
  key: string,
  wrong: (what: string) => Error,
): string | undefined {
  if (mode !== undefined && mode !== 'append') {
    throw wrong(`\`mode\` is ${shown(mode)}; expected 'append', or nothing.`);
  }
  if (after === undefined) return mode && key;
  if (mode === undefined) throw wrong("`after` is for append lists; add mode: 'append'.");
  if (typeof after === 'string' && after !== '') return after;
  throw wrong(`\`after\` is ${shown(after)}; expected a path in a row that grows, such as 'id'.`);
}

function checkPages(
  { page, pageSize, next, mode }: ResourceOptions<object>,
  wrong: (what: string) => Error,
): void {
  if (page === undefined || page === false) {
    const given = pageSize !== undefined ? 'pageSize' : next !== undefined ? 'next' : undefined;
    if (given) throw wrong(`\`${given}\` is for lists in pages; add page: 'number' or 'cursor'.`);
    return;
  }
  if (page !== 'number' && page !== 'cursor') {
    throw wrong(`\`page\` is ${shown(page)}; expected 'number' or 'cursor', or false.`);
  }
  if (mode !== undefined) throw wrong('an append list is not read in pages; leave `page` or `mode` out.');
  if (pageSize !== undefined && !(Number.isInteger(pageSize) && pageSize > 0)) {
    throw wrong(`\`pageSize\` is ${shown(pageSize)}; expected how many rows a page has: 1, 2, 3, …`);
  }
  if (next !== undefined && typeof next !== 'function' && (typeof next !== 'string' || next === '')) {
    throw wrong(`\`next\` is ${shown(next)}; expected a path in the answer, or a function.`);
  }
}

function tagsOf({ tags = [] }: ResourceOptions<object>, wrong: (what: string) => Error): string[] {
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.split('{id}').length < 3;
  if (Array.isArray(tags) && tags.every(isTag)) return [...tags];
  throw wrong(`\`tags\` is ${shown(tags)}; expected tags, such as ['catalogue', 'product:{id}'].`);
}

/** The engine finds the last row of an append list by an index. */
function indexesOf(
  { indexes = [] }: ResourceOptions<object>,
  key: string,
  append: string | undefined,
  wrong: (what: string) => Error,
): string[] {
  const names = Array.isArray(indexes) ? indexes : isObject(indexes) ? Object.keys(indexes) : [''];
  if (!names.every((index) => typeof index === 'string' && index !== '')) {
    throw wrong(
      `\`indexes\` is ${shown(indexes)}; expected field names, such as ['category'], or { price: 'number' }.`,
    );
  }
  for (const [field, type] of Object.entries(typesOf({ indexes }))) {
    if (['number', 'date', 'text'].includes(type)) continue;
    throw wrong(`\`indexes.${field}\` is ${shown(type)}; expected 'number', 'date' or 'text'.`);
  }
  const missing = append !== undefined && append !== key && !names.includes(append);
  return missing ? [...names, append] : [...names];
}

/** The types that `indexes` declares. */
function typesOf({ indexes }: Pick<ResourceOptions<object>, 'indexes'>): Record<string, FieldType> {
  return indexes === undefined || Array.isArray(indexes) ? {} : indexes;
}

function isConsulted({ reaction, model }: DeclaredReaction): boolean {
  return model !== undefined || typeof reaction === 'function';
}

function isPublic(channel: string): boolean {
  return !/^(private|presence)-/.test(channel);
}

/** `private:products` → `private-products`. */
function channelName(channel: unknown, wrong: (what: string) => Error): string {
  if (typeof channel !== 'string' || channel === '') throw wrong('`channel` must be a name, or several.');
  const name = channel.replace(/^private:/, 'private-');
  if (/^(presence[:-]|private-encrypted-)/.test(name)) {
    const why = 'the connection of a cache joins public and private channels only';
    throw wrong(`the channel '${channel}' cannot be used: ${why}.`);
  }
  return name;
}

function reactionsOf(
  options: ResourceOptions<object>,
  formatter: EventFormatter,
  wrong: (what: string) => Error,
): Map<string, DeclaredReaction> {
  const reactions = new Map<string, DeclaredReaction>();
  for (const [name, reaction] of Object.entries(options.on ?? {})) {
    if (!isReaction(reaction) && typeof reaction !== 'function') {
      throw wrong(`on['${name}'] is ${shown(reaction)}; expected ${KNOWN_REACTIONS} or a function.`);
    }
    if (name.startsWith(MODEL)) {
      const base = name.substring(MODEL.length);
      if (base === '') throw wrong("on['model:'] names no model; expected such as 'model:Product'.");
      for (const model of MODEL_EVENTS) reactions.set(base + model, { reaction, model });
      continue;
    }
    const event = formatter.format(name);
    if (event.startsWith('client-')) {
      throw wrong(`on['${name}'] is a client event; only events of the back end can change a cache.`);
    }
    reactions.set(event, { reaction });
  }
  if (reactions.size > 0) return reactions;
  throw wrong("`on` is missing; expected what its events do, such as { ProductChanged: 'auto' }.");
}

/** The URL from the page's on. On a server there is none, and nothing is read. */
function absolute(url: string | URL, option: string, wrong: (what: string) => Error): string {
  const base = baseUrl();
  if (base === undefined) return String(url);
  try {
    const { href, protocol, username } = new URL(url, base);
    if (/^https?:$/.test(protocol) && username === '') return href;
  } catch {
    // said below
  }
  throw wrong(
    `\`${option}\` is '${url}'; expected a path such as '/api/products', or a URL of http or https.`,
  );
}
