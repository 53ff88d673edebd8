import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startProcesses } from '../../support/processes.js'

/** How something is sold. It is plain data, so that a process can make a seller of it. */
export interface Guarded {
  door: 'decorator' | 'interceptor'
  overdraftGuard: boolean
  waitForAnswerMs: number
  /** How long the handler of a decorator works. */
  workMs: number
  endpoint: string
  table: string
  secret: string
  payments: { nvmApiKey: string; backendUrl: string }
  planId: string
}

/** A call of a container. */
export interface Asked {
  id: number
  seller: Guarded
  event: unknown
  requestId: string
  /** The clock of the container. Unit: ms since the epoch. */
  nowMs: number
}

/** Containers that sell the same thing. Each answers many calls at once. */
export interface CrowdContainers {
  /** Calls one of them, by its number. A call of a killed container is never answered. */
  visit: (container: number, asked: Omit<Asked, 'id' | 'seller'>) => Promise<unknown>
  /** How often their handlers began to run. */
  runs: () => number
  /** Ends one at once, as Lambda ends a container. */
  kill: (container: number) => Promise<void>
  close: () => Promise<void>
}

interface Answered {
  id?: number
  ran?: true
  output?: unknown
  error?: string
}

export async function crowdContainers(count: number, seller: Guarded): Promise<CrowdContainers> {
  const processes = await startProcesses('tests/store/guard/support/crowd-process.ts')
  const children = await Promise.all(Array.from({ length: count }, () => processes.start()))
  const waiting = new Map<number, (answered: Answered) => void>()
  let [ids, runs] = [0, 0]
  const hear = (answered: Answered): void => {
    if (answered.ran === true) runs++
    else waiting.get(answered.id ?? -1)?.(answered)
  }
  for (const child of children) child.on('message', hear)
  const childOf = (container: number) => children[container % count] as ChildProcess
  return {
    async visit(container, asked) {
      const id = ++ids
      const answered = new Promise<Answered>((resolve) => void waiting.set(id, resolve))
      childOf(container).send({ id, seller, ...asked })
      const { output, error } = await answered
      if (error !== undefined) throw new Error(error)
      return output
    },
    runs: () => runs,
    async kill(container) {
      const ended = once(childOf(container), 'exit')
      childOf(container).kill('SIGKILL')
      await ended
    },
    close: () => processes.close(),
  }
}
