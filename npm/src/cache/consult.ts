/** Asks the application's functions about an event. */

import { reportFailure } from '../common/environment.js';
import { at, isObject } from '../common/path.js';
import type { WireVerdict } from '../engine/port.js';
import { type Definition, EXPECTED_REACTION, isReaction } from './definition.js';
import { modelVerdict } from './model-events.js';

/**
 * What the application says of an event. What its functions throw is reported, and the list is read again,
 * so that nothing goes stale unseen.
 */
export function consult(definition: Definition | undefined, event: string, data: unknown): WireVerdict {
  try {
    return definition === undefined ? { reaction: 'refresh' } : verdictOf(definition, event, data);
  } catch (error) {
    reportFailure(error);
    return { reaction: 'refresh' };
  }
}

function verdictOf({ wire, options, handlers }: Definition, event: string, data: unknown): WireVerdict {
  const handler = handlers.get(event);
  if (handler === undefined) return { reaction: 'ignore' };
  const decided =
    typeof handler.reaction === 'function' ? handler.reaction({ name: event, data }) : handler.reaction;
  const { reaction, row: given } = isObject(decided) ? decided : { reaction: decided, row: undefined };
  if (!isReaction(reaction)) {
    const what = `Resource '${wire.name}': the function for '${event}' answered ${JSON.stringify(decided)}`;
    throw new Error(`${what}; ${EXPECTED_REACTION.replace(' or a function', ', or { reaction, row }')}.`);
  }
  if (reaction !== 'patch' && reaction !== 'auto') return { reaction };
  const verdict: WireVerdict =
    given === undefined && handler.model !== undefined
      ? modelVerdict(handler.model, data, wire.key)
      : { reaction, ...(given === undefined ? {} : { row: given }) };
  const row = verdict.row ?? at(data, wire.rowPath);
  if (options.belongs !== undefined && !verdict.deleted && isObject(row)) {
    verdict.belongs = Boolean(options.belongs(row));
  }
  return verdict;
}
