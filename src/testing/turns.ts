/** A call of a tool, as a model asks for it. */
export interface ScriptedCall {
  /**
   * Names the call.
   *
   * @default one of its own
   */
  readonly id?: string
  /** The name of the tool. */
  readonly name: string
  /**
   * The arguments of the call.
   *
   * @default `{}`
   */
  readonly input?: unknown
}

/** What a model says in one turn: a text, calls of tools, or both. */
export interface ScriptedSaying {
  /**
   * What it says.
   *
   * @default nothing
   */
  readonly text?: string
  /**
   * The tools that it calls, all at once.
   *
   * @default none
   */
  readonly tools?: readonly ScriptedCall[]
}

/** A turn, or a function that makes it from the messages so far, as JSON. */
export type ScriptedTurn =
  | ScriptedSaying
  | ((shown: string) => ScriptedSaying | Promise<ScriptedSaying>)
