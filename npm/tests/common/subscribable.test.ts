import { expect, it, vi } from 'vitest';
import { Subscribable } from '../../src/common/subscribable.js';

it('calls everyone who subscribed, in order, until they stop', () => {
  const source = new Subscribable<number>();
  const heard: string[] = [];
  const stop = source.subscribe((value) => heard.push(`a${value}`));
  source.subscribe((value) => heard.push(`b${value}`));
  source.notify(1);
  stop();
  source.notify(2);
  source.unsubscribeAll();
  source.notify(3);
  expect(heard).toEqual(['a1', 'b1', 'b2']);
});

it('calls a callback twice that was given twice', () => {
  const source = new Subscribable<number>();
  const heard = vi.fn();
  const stop = source.subscribe(heard);
  source.subscribe(heard);
  source.notify(1);
  stop();
  source.notify(2);
  expect(heard.mock.calls).toEqual([[1], [1], [2]]);
});

it('reports what a callback throws, and calls the next', () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  const source = new Subscribable<number>();
  const heard = vi.fn();
  const error = new Error('mine');
  source.subscribe(() => {
    throw error;
  });
  source.subscribe(heard);
  source.notify(1);
  expect(reported).toHaveBeenCalledExactlyOnceWith(error);
  expect(heard).toHaveBeenCalledExactlyOnceWith(1);
});

it('has a `subscribe` that needs no object', () => {
  const source = new Subscribable<number>();
  const { subscribe } = source;
  const heard = vi.fn();
  subscribe(heard);
  source.notify(1);
  expect(heard).toHaveBeenCalledExactlyOnceWith(1);
});
