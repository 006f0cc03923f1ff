interface PendingRequest {
  /** The resource asked for, if it is one resource. */
  resource: string | undefined;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Requests to an engine that it has not answered yet, by number. */
export class PendingRequests {
  private requests = new Map<number, PendingRequest>();

  /** Calls `send`, and waits for the answer to `request`. Rejects if `send` throws. */
  wait(request: number, resource: string | undefined, send: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.requests.set(request, { resource, resolve, reject });
      send();
    });
  }

  resolve(request: number, value: unknown): void {
    this.take(request)?.resolve(value);
  }

  reject(request: number, message: string): void {
    this.take(request)?.reject(new Error(message));
  }

  /** Rejects the requests of `resource`, or all. */
  rejectAll(message: string, resource?: string): void {
    for (const [request, pending] of this.requests) {
      if (resource === undefined || pending.resource === resource) this.reject(request, message);
    }
  }

  private take(request: number): PendingRequest | undefined {
    const pending = this.requests.get(request);
    this.requests.delete(request);
    return pending;
  }
}
