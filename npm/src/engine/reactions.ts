/** The reactions of a resource to an event, by name. */

/** The same names as the engine's: `tests/fixtures/reactions.json` holds both to them. */
export const REACTIONS = ['auto', 'refresh', 'patch', 'url', 'ignore'] as const;

export type ReactionName = (typeof REACTIONS)[number];

/** Whether a word is a reaction. */
export function isReaction(value: unknown): value is ReactionName {
  return (REACTIONS as readonly unknown[]).includes(value);
}

/** The names of all reactions, for people. */
export const KNOWN_REACTIONS = REACTIONS.map((name) => `'${name}'`).join(', ');
