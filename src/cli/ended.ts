/** How a command ends, as its exit code says it. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  nothingFound: 3,
  /** A payment is asked for, and none was made. */
  unpaid: 4,
  /** A payment was sent, and nobody can say what became of it; or it was charged, and nothing was delivered. */
  perhapsPaid: 5,
  interrupted: 130,
} as const

/** Ends the command with one line, and an exit code. */
export class Ended extends Error {
  readonly exitCode: number = EXIT.failed
}

/** The command was called in a wrong way. */
export class UsageError extends Ended {
  override readonly exitCode = EXIT.wrongUsage
}

/** What was asked for is not there. */
export class NothingFound extends Ended {
  override readonly exitCode = EXIT.nothingFound
}
