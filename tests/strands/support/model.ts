import { ScriptedModel as Scripted } from '../../../src/testing/scripted-model.js'
import type { ScriptedSaying } from '../../../src/testing/index.js'

export type Turn = ScriptedSaying

/** More turns than an agent takes in a test. */
const MANY = 100

/** A model that says its turns one after the other, then `done`. */
export class ScriptedModel extends Scripted {
  constructor(...turns: Turn[]) {
    super([...turns, ...Array.from({ length: MANY }, () => ({ text: 'done' }))])
  }
}
