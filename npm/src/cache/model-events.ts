/**
 * Laravel's model broadcasting (the trait `BroadcastsEvents`): the event's name is the model's class name and
 * what happened, its data carries the row as `model`. A model without soft deletes may send its bare id there.
 */
import { at, isId, isObject, nested } from '../common/json.js';
import type { WireAdvice } from '../engine/port.js';

export type ModelEvent = 'Created' | 'Updated' | 'Deleted' | 'Trashed' | 'Restored';

export const MODEL_EVENTS: readonly ModelEvent[] = ['Created', 'Updated', 'Deleted', 'Trashed', 'Restored'];

/** Says what such an event does; if it carries no row, the list is read again. */
export function modelAdvice(event: ModelEvent, data: unknown, key: string): WireAdvice {
  const model = at(data, 'model');
  // a model with `broadcastWith` of its own sends the row's fields themselves
  const row = isObject(model) ? model : isId(model) ? nested(key, model) : data;
  if (!isId(at(row, key))) return { reaction: 'refresh' };
  if (event === 'Deleted' || event === 'Trashed') return { reaction: 'patch', row, deleted: true };
  return row === data || isObject(model) ? { reaction: 'patch', row } : { reaction: 'refresh' };
}
