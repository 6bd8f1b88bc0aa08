/**
 * One event, many observers.
 *
 * An observer that throws keeps its place; the others get an event that tells of it. An observer
 * that itself causes events (its disk is full, say, and the code that writes logs that) gets none
 * of them while it is at work, so that a log of the log cannot go round in a circle; the others do.
 *
 * After: twisted.logger._observer. Differs: the bound on re-entrance; an observer that throws again
 * at the news of another's failure is reported once.
 *
 * @module
 */
import { isWanted, observerOf } from "./_observer-like.ts";
import { toLoggedFailure } from "./_logged-failure.ts";
import type { ILogObserver, LogEvent, LogObserver, LogObserverLike } from "./event.ts";
import type { LogLevel } from "./levels.ts";

interface Subscription {
  readonly like: LogObserverLike;
  readonly observer: LogObserver;
  isRemoved: boolean;
  isAtWork: boolean;
}

/** An event on its way, and whom it does not concern: the observer whose failure it reports. */
interface Delivery {
  readonly event: LogEvent;
  readonly about?: Subscription;
}

/**
 * Hands each event to all its observers, in the order in which they were added.
 *
 * @example
 * ```ts
 * import { Logger, LogPublisher } from "sennit/logger";
 *
 * const publisher = new LogPublisher();
 * publisher.addObserver((event) => process.stdout.write(`${event.log_format}\n`));
 * new Logger({ namespace: "example", observer: publisher }).info("hello");
 * ```
 */
export class LogPublisher implements ILogObserver {
  /** {@link LogPublisher.publish}, bound: a publisher can observe another. */
  readonly observer: LogObserver = (event) => {
    this.publish(event);
  };

  /** Replaced at each change, never changed: a publish under way goes on with the list it has. */
  #subscriptions: readonly Subscription[] = [];

  constructor(...observers: readonly LogObserverLike[]) {
    for (const observer of observers) this.addObserver(observer);
  }

  /** Add an observer; one that is there already stays where it is. It sees the next event first. */
  addObserver(like: LogObserverLike): void {
    const observer = observerOf(like);
    if (this.#subscriptions.some((other) => other.observer === observer)) return;
    const subscription = { like, observer, isRemoved: false, isAtWork: false };
    this.#subscriptions = [...this.#subscriptions, subscription];
  }

  /** Remove an observer: it gets nothing more, not even of an event on its way. */
  removeObserver(like: LogObserverLike): void {
    const observer = observerOf(like);
    const subscription = this.#subscriptions.find((other) => other.observer === observer);
    if (subscription === undefined) return;
    subscription.isRemoved = true;
    this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
  }

  /** Whether any observer wants such events. */
  wants(level: LogLevel, namespace: string): boolean {
    return this.#subscriptions.some(({ like }) => isWanted(like, level, namespace));
  }

  /** Give the event to every observer, now. Never throws. */
  publish(event: LogEvent): void {
    const broken = new Set<Subscription>();
    // Grows by one report for each observer that fails, once: it ends.
    const deliveries: Delivery[] = [{ event }];
    for (const delivery of deliveries) {
      for (const subscription of this.#subscriptions) {
        if (subscription === delivery.about) continue;
        const report = deliver(delivery.event, subscription);
        if (report === undefined || broken.has(subscription)) continue;
        broken.add(subscription);
        deliveries.push({ event: report, about: subscription });
      }
    }
  }
}

/** Call one observer; when it throws, the event that says so. */
function deliver(event: LogEvent, subscription: Subscription): LogEvent | undefined {
  if (subscription.isRemoved || subscription.isAtWork) return undefined;
  subscription.isAtWork = true;
  try {
    subscription.observer(event);
    return undefined;
  } catch (error) {
    return reportOf(error, subscription.observer, event);
  } finally {
    subscription.isAtWork = false;
  }
}

/** The time is that of the event which could not be observed: no clock is needed here. */
function reportOf(error: unknown, observer: LogObserver, event: LogEvent): LogEvent {
  return {
    log_level: "critical",
    log_namespace: "sennit.logger.publisher",
    log_format: "Log observer {observer} failed and missed an event: {log_failure.value}",
    log_time: event.log_time,
    log_failure: toLoggedFailure(error),
    observer,
  };
}
