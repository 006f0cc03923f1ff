/** Translates an application's resource into the engine's words, and says what is wrong with it. */
import { baseUrl } from '../common/environment.js';
import { EventFormatter } from '../common/event-formatter.js';
import type { ReactionName, WireResource } from '../engine/port.js';
import { MODEL_EVENTS, type ModelEvent } from './model-events.js';
import type { ReactionFunction, ResourceOptions } from './types.js';

/** What the page keeps of a resource: functions cannot go to the engine. */
export interface Definition {
  wire: WireResource;
  options: ResourceOptions<object>;
  handlers: Map<string, Handler>;
}

/** What one event of a resource does. */
export interface Handler {
  reaction: ReactionName | ReactionFunction<object>;
  /** Which event of Laravel's model broadcasting it is, if it is one. */
  model?: ModelEvent;
}

const REACTIONS = ['auto', 'refresh', 'patch', 'url', 'ignore'];
const MODEL = 'model:';

/** Whether a word is a reaction. */
export function isReaction(value: unknown): value is ReactionName {
  return REACTIONS.includes(value as string);
}

/** What is wrong with a reaction, for people. */
export const EXPECTED_REACTION = `expected ${REACTIONS.map((name) => `'${name}'`).join(', ')} or a function`;

/** Translates `options`. `anonymous`: nobody is signed in, so only what is public may be stored. */
export function define(
  name: string,
  options: ResourceOptions<object>,
  namespace: string | false,
  anonymous: boolean,
): Definition {
  const wrong = (what: string) => new Error(`Resource '${name}': ${what}`);
  const { key = 'id', version, schema = 1 } = options;
  if (!options.url)
    throw wrong("`url` is missing; expected where the list is read, such as '/api/products'.");
  const { rowField, deletedField, urlField, tagField, headField } = options;
  const paths = { key, version, rowField, deletedField, urlField, tagField, headField };
  for (const [option, value] of Object.entries(paths)) {
    if (value !== undefined && typeof value !== 'string') throw wrong(`\`${option}\` must be a path.`);
  }
  const append = appendPath(options, key, wrong);
  checkPages(options, wrong);
  if (!Number.isInteger(schema) || schema < 1) throw wrong(`\`schema\` is ${schema}; expected 1, 2, 3, …`);
  const url = absolute(options.url);
  const channels = [options.channel ?? []].flat().map((channel) => channelName(channel, wrong));
  if (channels.length === 0) {
    throw wrong("`channel` is missing; expected the channel of its events, such as 'private:products'.");
  }
  const handlers = handlersOf(options, new EventFormatter(namespace), wrong);
  const wire: WireResource = {
    name,
    url,
    rowPrefixes: options.rowUrls?.map(absolute) ?? [`${url.replace(/[?#].*$/, '').replace(/\/$/, '')}/`],
    key,
    version,
    strict: options.strict ?? false,
    channels,
    on: [...handlers].map(([event, { reaction }]) => [
      event,
      typeof reaction === 'string' ? reaction : 'auto',
    ]),
    indexes: indexesOf(options, key, append, wrong),
    rowPath: options.rowField ?? 'client_refresh',
    deletedPath: options.deletedField ?? 'deleted',
    urlPath: options.urlField ?? 'url',
    tagsPath: options.tagField ?? 'tags',
    tags: tagsOf(options, wrong),
    page: options.page,
    headPath: options.headField ?? 'head',
    since: options.since ?? false,
    append,
    consult: options.belongs !== undefined || [...handlers.values()].some(isConsulted),
    schema,
    persist: !anonymous || channels.every(isPublic),
  };
  return { wire, options, handlers };
}

/** The path of what grows with each new row of an append list; of others, nothing. */
function appendPath(
  { mode, after }: ResourceOptions<object>,
  key: string,
  wrong: (what: string) => Error,
): string | undefined {
  if (mode !== undefined && mode !== 'append') {
    throw wrong(`\`mode\` is ${JSON.stringify(mode)}; expected 'append', or nothing.`);
  }
  if (after === undefined) return mode && key;
  if (mode === undefined) throw wrong("`after` is for append lists; add mode: 'append'.");
  if (typeof after === 'string' && after !== '') return after;
  throw wrong(`\`after\` is ${JSON.stringify(after)}; expected a path in a row that grows, such as 'id'.`);
}

function checkPages(
  { page, pageSize, next, mode }: ResourceOptions<object>,
  wrong: (what: string) => Error,
): void {
  if (page === undefined) {
    const given = pageSize !== undefined ? 'pageSize' : next !== undefined ? 'next' : undefined;
    if (given) throw wrong(`\`${given}\` is for lists in pages; add page: 'number' or 'cursor'.`);
    return;
  }
  if (page !== 'number' && page !== 'cursor') {
    throw wrong(`\`page\` is ${JSON.stringify(page)}; expected 'number' or 'cursor'.`);
  }
  if (mode !== undefined) throw wrong('an append list is not read in pages; leave `page` or `mode` out.');
  if (pageSize !== undefined && !(Number.isInteger(pageSize) && pageSize > 0)) {
    throw wrong(`\`pageSize\` is ${String(pageSize)}; expected how many rows a page has: 1, 2, 3, …`);
  }
  if (next !== undefined && typeof next !== 'function' && (typeof next !== 'string' || next === '')) {
    throw wrong(`\`next\` is ${JSON.stringify(next)}; expected a path in the answer, or a function.`);
  }
}

function tagsOf({ tags = [] }: ResourceOptions<object>, wrong: (what: string) => Error): string[] {
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.split('{id}').length < 3;
  if (Array.isArray(tags) && tags.every(isTag)) return [...tags];
  throw wrong(`\`tags\` is ${JSON.stringify(tags)}; expected tags, such as ['catalogue', 'product:{id}'].`);
}

/** The engine finds the last row of an append list by an index. */
function indexesOf(
  { indexes = [] }: ResourceOptions<object>,
  key: string,
  append: string | undefined,
  wrong: (what: string) => Error,
): string[] {
  if (!Array.isArray(indexes) || !indexes.every((index) => typeof index === 'string' && index !== '')) {
    throw wrong(`\`indexes\` is ${JSON.stringify(indexes)}; expected field names, such as ['category'].`);
  }
  const missing = append !== undefined && append !== key && !indexes.includes(append);
  return missing ? [...indexes, append] : [...indexes];
}

function isConsulted({ reaction, model }: Handler): boolean {
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

function handlersOf(
  options: ResourceOptions<object>,
  formatter: EventFormatter,
  wrong: (what: string) => Error,
): Map<string, Handler> {
  const handlers = new Map<string, Handler>();
  for (const [name, reaction] of Object.entries(options.on ?? {})) {
    if (!isReaction(reaction) && typeof reaction !== 'function') {
      throw wrong(`on['${name}'] is ${JSON.stringify(reaction)}; ${EXPECTED_REACTION}.`);
    }
    if (name.startsWith(MODEL)) {
      const base = name.substring(MODEL.length);
      if (base === '') throw wrong("on['model:'] names no model; expected such as 'model:Product'.");
      for (const model of MODEL_EVENTS) handlers.set(base + model, { reaction, model });
      continue;
    }
    const event = formatter.format(name);
    if (event.startsWith('client-')) {
      throw wrong(`on['${name}'] is a client event; only events of the back end can change a cache.`);
    }
    handlers.set(event, { reaction });
  }
  if (handlers.size > 0) return handlers;
  throw wrong("`on` is missing; expected what its events do, such as { ProductChanged: 'auto' }.");
}

function absolute(url: string | URL): string {
  const base = baseUrl();
  return base === undefined ? String(url) : new URL(url, base).href;
}
