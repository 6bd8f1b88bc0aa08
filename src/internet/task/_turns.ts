/**
 * Who is next: a queue from whose middle one can leave at once.
 *
 * @module
 */

/** What can stand in line. The fields are the line's. */
export class InLine<Member> {
  readonly member: Member;
  before: InLine<Member> | undefined;
  behind: InLine<Member> | undefined;
  isWaiting = false;

  constructor(member: Member) {
    this.member = member;
  }
}

/** First in, first out; every operation costs the same however many wait. */
export class Line<Member> {
  #first: InLine<Member> | undefined;
  #last: InLine<Member> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Join at the end. Who is in line stays where they are. */
  join(one: InLine<Member>): void {
    if (one.isWaiting) return;
    one.isWaiting = true;
    one.before = this.#last;
    if (this.#last === undefined) this.#first = one;
    else this.#last.behind = one;
    this.#last = one;
  }

  /** Leave from wherever one stands. */
  leave(one: InLine<Member>): void {
    if (!one.isWaiting) return;
    one.isWaiting = false;
    if (one.before === undefined) this.#first = one.behind;
    else one.before.behind = one.behind;
    if (one.behind === undefined) this.#last = one.before;
    else one.behind.before = one.before;
    one.before = undefined;
    one.behind = undefined;
  }

  /** Take the first one out. */
  take(): Member | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.leave(first);
    return first.member;
  }
}
