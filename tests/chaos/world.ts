import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { HTTPFacilitatorClient, Payments, type InterceptorStore } from '../../src/index.js'
import { startLocal, type Local } from '../../src/local/index.js'
import { memoryStore } from '../seller/phases/support/memory-store.js'
import type { Account } from '../seller/money/support/x402-payments.js'
import { Ledgers } from './ledgers.js'
import { newPaymentStore } from './selling/payment-stores.js'
import { type BrokenRule, breaking } from './sharing/broken-rules.js'
import { Clock } from './sharing/clock.js'
import { Life } from './sharing/life.js'
import { SharedTable } from './sharing/shared-table.js'
import { Script, scripted } from './script.js'
import { Workshop } from './selling/workshop.js'

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:1'
const PLENTY = 10n ** 15n

/** A process of the seller. */
export interface Container {
  life: Life
  /** How far its clock is ahead of the world's. Unit: ms. */
  skewMs: number
  /** What it remembers, and its clock, as options of both doors. */
  memory: Readonly<Record<string, unknown>>
  payments: Payments
  facilitator: HTTPFacilitatorClient
  /** Changes where the container was ended, so that its wrappers are made anew. */
  generation: number
}

/** Facilitators with their ledgers, a seller and a buyer, of one lane: one call of a run after the other. */
export interface World {
  local: Local
  script: Script
  ledgers: Ledgers
  workshop: Workshop
  /** The buyer's account of money. */
  account: Account
  containers: Container[]
  /** What the phases of interceptors share, wherever they run. */
  phaseStore: InterceptorStore
  /** What the containers share, if they do. Time passes only there. */
  table: SharedTable | undefined
  clock: Clock
  clients: Clients
  broken: BrokenRule | undefined
  close: () => Promise<void>
}

/** Clients of the facilitators, whose requests go as the script says. */
export type Clients = Pick<Container, 'payments' | 'facilitator'>

export interface WorldOptions {
  containers: number
  /** Where the engine of a table is that the containers share. Without one each remembers for itself. */
  endpoint?: string | undefined
  broken?: BrokenRule | undefined
}

export async function openWorld({ containers, endpoint, broken }: WorldOptions): Promise<World> {
  const table = endpoint === undefined ? undefined : await SharedTable.open(endpoint)
  const clock = new Clock(table !== undefined)
  const local = await startLocal({ now: clock.now })
  const script = new Script(local)
  const account = privateKeyToAccount(generatePrivateKey())
  await local.x402.fund(account.address, PLENTY)
  const world: World = {
    ...{ local, script, account, table, clock, broken },
    ledgers: new Ledgers(local),
    workshop: new Workshop(),
    containers: [],
    phaseStore: memoryStore(),
    clients: await clientsOf(local, script),
    async close() {
      table?.close()
      await local.close()
    },
  }
  for (let index = 0; index < containers; index++) world.containers.push(newContainer(world, 0))
  return world
}

async function clientsOf({ nvmApiKey, url, x402 }: Local, script: Script): Promise<Clients> {
  const [alive, dead] = [url, DEAD].map((backendUrl) =>
    Payments.getInstance({ nvmApiKey, environment: 'custom', backendUrl }),
  ) as [Payments, Payments]
  const standard = new HTTPFacilitatorClient({ url: x402.url })
  await standard.warm()
  const facilitator = scripted(alive.facilitator, dead.facilitator, (asked) =>
    script.isRefused('plan', asked),
  )
  return {
    payments: withFacilitator(alive, facilitator),
    facilitator: scripted(standard, new HTTPFacilitatorClient({ url: DEAD }), (asked) =>
      script.isRefused('money', asked),
    ),
  }
}

function newContainer(world: World, generation: number, skewMs = 0): Container {
  const { table, clock, phaseStore, broken, clients } = world
  const life = new Life()
  const container: Container = {
    ...{ life, skewMs, generation, memory: {} },
    payments: withFacilitator(clients.payments, livedBy(life, clients.payments.facilitator)),
    facilitator: livedBy(life, clients.facilitator),
  }
  if (table === undefined) {
    container.memory = { ...newPaymentStore(), store: phaseStore }
    return container
  }
  const now = (): number => clock.now() + container.skewMs
  const sound = table.storeOf(life, now)
  const paymentStore = broken === undefined ? sound : breaking(broken, sound)
  const waitForAnswerMs = 0
  container.memory = { paymentStore, store: sound, now, waitForAnswerMs }
  return container
}

/** What a container asks of facilitators, it asks while it lives. */
function livedBy<T extends object>(life: Life, client: T): T {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const method = value.bind(target) as (...given: unknown[]) => Promise<unknown>
      const step = /^(verify|settle)/.exec(String(name))?.[1]
      return step === undefined
        ? method
        : (...given: unknown[]) => life.reach(step, () => method(...given))
    },
  })
}

/** The same client, but for who verifies and settles. */
function withFacilitator(payments: Payments, facilitator: Payments['facilitator']): Payments {
  return new Proxy(payments, {
    get: (target, name) => {
      if (name === 'facilitator') return facilitator
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** Lambda has ended a container: what it remembered by itself is gone, and a new one takes its place. */
export function endContainer(world: World, container: Container): void {
  const { containers } = world
  const next = newContainer(world, container.generation + 1, container.skewMs)
  containers[containers.indexOf(container)] = next
}
