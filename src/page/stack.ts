import type {
  MadeCall,
  PageCall,
  PagePayments,
  PageState,
  PageTools,
  WantedCall,
  WantedFault,
} from '../local/page/messages.js'

/** What the page hears of its stack. */
export interface StackListener {
  onCalls: (calls: readonly PageCall[]) => void
  onState: (state: PageState) => void
  onConnection: (isOpen: boolean) => void
}

/** How long the page waits before it connects again. Unit: ms. */
const PAUSE_MS = 1_000

/** Asks the stack that the page belongs to. */
export class Stack {
  readonly #token: string

  constructor() {
    const meta = document.querySelector('meta[name="page-token"]')
    this.#token = meta?.getAttribute('content') ?? ''
  }

  tools(): Promise<PageTools> {
    return this.#ask('tools')
  }

  payments(): Promise<PagePayments> {
    return this.#ask('payments')
  }

  call(wanted: WantedCall): Promise<MadeCall> {
    return this.#ask('call', wanted)
  }

  setFault(wanted: WantedFault): Promise<unknown> {
    return this.#ask('fault', wanted)
  }

  removeFault(id: number): Promise<unknown> {
    return this.#ask('no-fault', { id })
  }

  assume(name: string, value: string): Promise<unknown> {
    return this.#ask('assumption', { name, value })
  }

  /** Hears of every call, and connects again when the stack was away. */
  async listen(listener: StackListener): Promise<never> {
    let last = 0
    const onCalls: StackListener['onCalls'] = (calls) => {
      last = calls.at(-1)?.id ?? last
      listener.onCalls(calls)
    }
    for (;;) {
      try {
        const response = await this.#send(`events?after=${last}`)
        if (response.status === 403) location.reload() // another stack runs at this address now
        if (response.ok && response.body !== null) {
          listener.onConnection(true)
          await readEvents(response.body, { ...listener, onCalls })
        }
      } catch {
        // The stack has ended, perhaps for a moment.
      }
      listener.onConnection(false)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  async #ask<T>(path: string, body?: unknown): Promise<T> {
    const response = await this.#send(path, body)
    const answer = (await response.json()) as unknown
    if (response.ok) return answer as T
    throw new Error((answer as { message: string }).message)
  }

  #send(path: string, body?: unknown): Promise<Response> {
    return fetch(`/page/api/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'x-agentcore-x402-page': this.#token, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  listener: StackListener,
): Promise<void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += decoder.decode(value, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) hear(message, listener)
  }
}

function hear(message: string, { onCalls, onState }: StackListener): void {
  const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(message) ?? []
  if (data === undefined) return
  if (event === 'calls') onCalls(JSON.parse(data) as PageCall[])
  if (event === 'state') onState(JSON.parse(data) as PageState)
}
