/**
 * What goes wrong with loops and with work that is done in turns.
 *
 * After: twisted.internet.task. Differs: starting a loop twice is an error of a class, not an
 * assertion; each has a `code`.
 *
 * @module
 */
import { LocalProtocolError } from "../../core/errors.ts";

/** The loop runs, or what it called last is not done yet. */
export class LoopingCallAlreadyRunning extends LocalProtocolError {
  readonly code = "ERR_LOOPING_CALL_ALREADY_RUNNING";
}

/** The loop does not run. */
export class LoopingCallNotRunning extends LocalProtocolError {
  readonly code = "ERR_LOOPING_CALL_NOT_RUNNING";
}

/** The task was not paused, and cannot be resumed. */
export class NotPaused extends LocalProtocolError {
  readonly code = "ERR_NOT_PAUSED";
}

/** The task is over: it cannot be paused or stopped any more. */
export abstract class TaskFinished extends LocalProtocolError {}

/** The task is over: its iterator came to its end. */
export class TaskDone extends TaskFinished {
  readonly code = "ERR_TASK_DONE";
}

/** The task is over: it was stopped. What `whenDone` fails with then. */
export class TaskStopped extends TaskFinished {
  readonly code = "ERR_TASK_STOPPED";
}

/** The task is over: it failed. The error is the `cause`, and what `whenDone` fails with. */
export class TaskFailed extends TaskFinished {
  readonly code = "ERR_TASK_FAILED";
}

/** The task is over: its {@link Cooperator} was stopped. What `whenDone` fails with then. */
export class SchedulerStopped extends TaskFinished {
  readonly code = "ERR_SCHEDULER_STOPPED";
}
