/** Asks the application's functions about an event, where the engine cannot decide by itself. */

import { reportFailure } from '../common/errors.js';
import { at, isObject } from '../common/json.js';
import type { WireVerdict } from '../engine/port.js';
import { isReaction, KNOWN_REACTIONS } from '../engine/reactions.js';
import type { ResourceDefinition } from './definition.js';
import { modelVerdict } from './model-events.js';

/**
 * Returns the application's decision about an event. If its functions throw, the error is reported and the list is
 * read again, so that nothing goes stale unseen.
 */
export function consult(
  definition: ResourceDefinition | undefined,
  event: string,
  data: unknown,
): WireVerdict {
  try {
    return definition === undefined ? { reaction: 'refresh' } : verdictOf(definition, event, data);
  } catch (error) {
    reportFailure(error);
    return { reaction: 'refresh' };
  }
}

function verdictOf(
  { wire, options, reactions }: ResourceDefinition,
  event: string,
  data: unknown,
): WireVerdict {
  const declared = reactions.get(event);
  if (declared === undefined) return { reaction: 'ignore' };
  const decided =
    typeof declared.reaction === 'function' ? declared.reaction({ name: event, data }) : declared.reaction;
  const { reaction, row: given } = isObject(decided) ? decided : { reaction: decided, row: undefined };
  if (!isReaction(reaction)) {
    const what = `Resource '${wire.name}': the function for '${event}' answered ${JSON.stringify(decided)}`;
    throw new Error(`${what}; expected ${KNOWN_REACTIONS}, or { reaction, row }.`);
  }
  if (reaction !== 'patch' && reaction !== 'auto') return { reaction };
  const verdict: WireVerdict =
    given === undefined && declared.model !== undefined
      ? modelVerdict(declared.model, data, wire.key)
      : { reaction, ...(given === undefined ? {} : { row: given }) };
  const row = verdict.row ?? at(data, wire.rowField);
  if (options.belongs !== undefined && !verdict.deleted && isObject(row)) {
    verdict.belongs = Boolean(options.belongs(row));
  }
  return verdict;
}
