// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isReaction, KNOWN_REACTIONS, REACTIONS } from '../../src/engine/reactions.js';

const FIXTURE = new URL('../../../tests/fixtures/reactions.json', import.meta.url);

it("are the engine's", () => {
  expect(REACTIONS).toEqual(JSON.parse(readFileSync(FIXTURE, 'utf8')));
  expect(REACTIONS.every(isReaction)).toBe(true);
  expect(isReaction('toString')).toBe(false);
  expect(KNOWN_REACTIONS).toBe("'auto', 'refresh', 'patch', 'url', 'ignore'");
});
