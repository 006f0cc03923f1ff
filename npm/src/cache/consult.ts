/** Asks the application's functions about an event, where the engine cannot decide by itself. */

import { reportFailure } from '../common/errors.js';
import { at, isObject, plainCopy } from '../common/json.js';
import type { WireAdvice } from '../engine/port.js';
import { isReaction, KNOWN_REACTIONS } from '../engine/reactions.js';
import type { ResourceDefinition } from './definition.js';
import { modelAdvice } from './model-events.js';

/**
 * Returns the application's decision about an event. If its functions throw, the error is reported and the list is
 * read again, so that nothing goes stale unseen.
 */
export function consult(
  definition: ResourceDefinition | undefined,
  event: string,
  data: unknown,
): WireAdvice {
  try {
    return definition === undefined ? { reaction: 'refresh' } : adviceOf(definition, event, data);
  } catch (error) {
    reportFailure(error);
    return { reaction: 'refresh' };
  }
}

function adviceOf(
  { wire, options, reactions }: ResourceDefinition,
  event: string,
  data: unknown,
): WireAdvice {
  const declared = reactions.get(event);
  if (declared === undefined) return { reaction: 'ignore' };
  const decided =
    typeof declared.reaction === 'function' ? declared.reaction({ name: event, data }) : declared.reaction;
  const { reaction, row: own } = isObject(decided) ? decided : { reaction: decided, row: undefined };
  if (!isReaction(reaction)) {
    const what = `Resource '${wire.name}': the function for '${event}' answered ${JSON.stringify(decided)}`;
    throw new Error(`${what}; expected ${KNOWN_REACTIONS}, or { reaction, row }.`);
  }
  if (reaction !== 'patch' && reaction !== 'auto') return { reaction };
  const given = plainCopy(own, `the row that resource '${wire.name}' makes of '${event}'`);
  const advice: WireAdvice =
    given === undefined && declared.model !== undefined
      ? modelAdvice(declared.model, data, wire.key)
      : { reaction, ...(given === undefined ? {} : { row: given }) };
  const row = advice.row ?? at(data, wire.rowField);
  const { belongs } = options;
  if (typeof belongs === 'function' && !advice.deleted) {
    const rows = Array.isArray(row) ? row : [row];
    if (rows.every(isObject)) advice.belongs = rows.map((row) => said(wire.name, belongs(row)));
  }
  return advice;
}

/** What `belongs` answered. A promise is always truthy, whatever it will say. */
function said(resource: string, answer: unknown): boolean {
  if (!isObject(answer) || typeof answer.then !== 'function') return Boolean(answer);
  throw new Error(
    `Resource '${resource}': \`belongs\` answered a promise; expected true or false at once. Decide by the fields of the row, or leave \`belongs\` out.`,
  );
}
