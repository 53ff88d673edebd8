import {
  Model,
  type BaseModelConfig,
  type Message,
  type ModelStreamEvent,
} from '@strands-agents/sdk'
import type { ScriptedTurn } from './turns.js'

/**
 * A model that says its turns, one after the other. It asks nobody, and costs nothing.
 *
 * A turn more than the script has rejects with an Error that says what the model was shown.
 */
export class ScriptedModel extends Model {
  /** What the model was shown in each turn: the messages so far, as JSON. */
  readonly shown: string[] = []
  readonly #turns: ScriptedTurn[]
  readonly #length: number

  constructor(turns: readonly ScriptedTurn[]) {
    super()
    this.#turns = [...turns]
    this.#length = turns.length
  }

  /** How many turns the agent has not asked for. Unit: turns. */
  get left(): number {
    return this.#turns.length
  }

  override getConfig(): BaseModelConfig {
    return { modelId: 'scripted', contextWindowLimit: 200_000 }
  }

  override updateConfig(): void {
    // There is nothing to set.
  }

  override async *stream(messages: Message[]): AsyncIterable<ModelStreamEvent> {
    const shown = JSON.stringify(messages)
    this.shown.push(shown)
    const turn = this.#turns.shift()
    if (turn === undefined) throw new Error(this.#endedText(shown))
    const { text, tools = [] } = await (typeof turn === 'function' ? turn(shown) : turn)
    yield { type: 'modelMessageStartEvent', role: 'assistant' }
    if (text !== undefined) {
      yield { type: 'modelContentBlockStartEvent' }
      yield { type: 'modelContentBlockDeltaEvent', delta: { type: 'textDelta', text } }
      yield { type: 'modelContentBlockStopEvent' }
    }
    for (const [
      at,
      { id = `call-${this.shown.length}-${at + 1}`, name, input },
    ] of tools.entries()) {
      const start = { type: 'toolUseStart', name, toolUseId: id } as const
      yield { type: 'modelContentBlockStartEvent', start }
      const delta = { type: 'toolUseInputDelta', input: JSON.stringify(input ?? {}) } as const
      yield { type: 'modelContentBlockDeltaEvent', delta }
      yield { type: 'modelContentBlockStopEvent' }
    }
    yield { type: 'modelMessageStopEvent', stopReason: tools.length > 0 ? 'toolUse' : 'endTurn' }
  }

  #endedText(shown: string): string {
    const turns = `${this.#length} ${this.#length === 1 ? 'turn' : 'turns'}`
    return `the script of the model has ${turns}, and the agent asked for another one. It showed: ${shown.slice(-MAX_SHOWN)}`
  }
}

/** What an error quotes at most of the messages. Unit: characters. */
const MAX_SHOWN = 500
