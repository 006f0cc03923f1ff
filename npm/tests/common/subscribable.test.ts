import { describe, expect, it, vi } from 'vitest';
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

describe('a callback that changes who listens', () => {
  it('adds one that is told of what comes afterwards alone', () => {
    const source = new Subscribable<number>();
    const heard: string[] = [];
    source.subscribe((value) => {
      if (value === 1) source.subscribe((late) => heard.push(`late ${late}`), 1);
    });
    source.notify(1);
    source.notify(2);
    expect(heard).toEqual(['late 1', 'late 2']);
  });

  it('stops itself, or one that comes after it', () => {
    const source = new Subscribable<number>();
    const heard: string[] = [];
    const stops: (() => void)[] = [];
    stops.push(
      source.subscribe(() => {
        heard.push('a');
        stops[0]?.();
        stops[2]?.();
      }),
    );
    for (const name of ['b', 'c', 'd']) stops.push(source.subscribe(() => heard.push(name)));
    source.notify(1);
    source.notify(2);
    expect(heard).toEqual(['a', 'b', 'd', 'b', 'd']);
  });

  it('stops all of them', () => {
    const source = new Subscribable<number>();
    const heard = vi.fn();
    source.subscribe(() => source.unsubscribeAll());
    source.subscribe(heard);
    source.notify(1);
    expect(heard).not.toHaveBeenCalled();
  });
});

it('tells values in one order, though one leads to the next', () => {
  const source = new Subscribable<number>();
  const heard: string[] = [];
  source.subscribe((value) => {
    heard.push(`a${value}`);
    if (value < 3) source.notify(value + 1);
  });
  source.subscribe((value) => heard.push(`b${value}`));
  source.notify(1);
  expect(heard).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
});

it('tells the next value although a callback threw at the first', () => {
  vi.stubGlobal('reportError', vi.fn());
  const source = new Subscribable<number>();
  const heard = vi.fn();
  source.subscribe(() => {
    throw new Error('mine');
  }, 0);
  source.subscribe(heard, 0);
  source.notify(1);
  source.notify(2);
  expect(heard.mock.calls).toEqual([[0], [1], [2]]);
});
