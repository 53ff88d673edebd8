import {
  Model,
  type BaseModelConfig,
  type Message,
  type ModelStreamEvent,
} from '@strands-agents/sdk'

/** What a model says in one turn: a text, calls of tools, or both. */
export interface Turn {
  text?: string
  tools?: readonly { id: string; name: string; input: unknown }[]
}

/** A model that says its turns one after the other, then `done`. It keeps what it was shown, as JSON. */
export class ScriptedModel extends Model {
  readonly shown: string[] = []
  readonly #turns: Turn[]

  constructor(...turns: Turn[]) {
    super()
    this.#turns = turns
  }

  override getConfig(): BaseModelConfig {
    return { modelId: 'scripted', contextWindowLimit: 200_000 }
  }

  override updateConfig(): void {
    // There is nothing to set.
  }

  override async *stream(messages: Message[]): AsyncIterable<ModelStreamEvent> {
    this.shown.push(JSON.stringify(messages))
    const { text, tools = [] } = this.#turns.shift() ?? { text: 'done' }
    yield { type: 'modelMessageStartEvent', role: 'assistant' }
    if (text !== undefined) {
      yield { type: 'modelContentBlockStartEvent' }
      yield { type: 'modelContentBlockDeltaEvent', delta: { type: 'textDelta', text } }
      yield { type: 'modelContentBlockStopEvent' }
    }
    for (const { id, name, input } of tools) {
      const start = { type: 'toolUseStart', name, toolUseId: id } as const
      yield { type: 'modelContentBlockStartEvent', start }
      const delta = { type: 'toolUseInputDelta', input: JSON.stringify(input) } as const
      yield { type: 'modelContentBlockDeltaEvent', delta }
      yield { type: 'modelContentBlockStopEvent' }
    }
    yield { type: 'modelMessageStopEvent', stopReason: tools.length > 0 ? 'toolUse' : 'endTurn' }
  }
}
