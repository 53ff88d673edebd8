import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { OptionsError } from '../errors/payment-error.js'
import { isRecord, parseJson } from '../wire/json.js'
import {
  KeptHoldings,
  holdingsToKeep,
  newHoldings,
  type Holdings,
} from './agentcore/world/holdings.js'
import { mapOf, toText } from './kept/shapes.js'
import { KeptBooks, newBooks, type LedgerBooks } from './nevermined/ledger-books.js'
import { newAccount } from './nevermined/ledger-entries.js'
import { KeptMoney, newMoneyBooks, type MoneyBooks } from './x402/money-books.js'

/** Everything that a stack knows. With a folder, it is kept between starts. */
export interface StackState {
  /** What keys and tokens are signed with, in hexadecimal. */
  signerSecret: string
  sellerAddress: string
  subscriberAddress: string
  /** The plan on sale. It is empty before the first start. */
  planId: string
  books: LedgerBooks
  /** The delegation of each token, by the token's signature. */
  permissions: Map<string, { delegationId: string | undefined }>
  money: MoneyBooks
  holdings: Holdings
}

export function newState(): StackState {
  return {
    signerSecret: randomBytes(32).toString('hex'),
    sellerAddress: newAccount({}).address,
    subscriberAddress: newAccount({}).address,
    planId: '',
    books: newBooks(),
    permissions: new Map(),
    money: newMoneyBooks(),
    holdings: newHoldings(),
  }
}

/** Says whose file it is. */
const MARK = 'agentcore-x402'
/** Grows when an older version could not read what this one writes. */
const FORMAT = 1
/** How many settlements of each ledger are kept. */
const MAX_SETTLEMENTS = 1_000

const Address = z.string().check(z.regex(/^0x[\da-f]{40}$/))

const KeptState: z.ZodMiniType<StackState> = z.object({
  signerSecret: z.string().check(z.regex(/^[\da-f]{64}$/)),
  sellerAddress: Address,
  subscriberAddress: Address,
  planId: z.string(),
  books: KeptBooks,
  permissions: mapOf(
    z.pipe(
      z.string(),
      z.transform((delegationId) => ({ delegationId })),
    ),
  ),
  money: KeptMoney,
  holdings: KeptHoldings,
})

/** Writes a state, so that {@link readState} can read it. */
export function stateText(state: StackState): string {
  const { books, money, holdings, permissions } = state
  const latest = <T extends { settlements: unknown[] }>(of: T) => {
    return { ...of, settlements: of.settlements.slice(-MAX_SETTLEMENTS) }
  }
  const delegated = [...permissions].flatMap(([signature, { delegationId }]) =>
    delegationId === undefined ? [] : [[signature, delegationId]],
  )
  return toText({
    [MARK]: 'local',
    format: FORMAT,
    ...state,
    books: latest(books),
    permissions: delegated,
    money: latest(money),
    holdings: holdingsToKeep(holdings),
  })
}

/**
 * Reads a state.
 *
 * @param file where the text comes from
 * @throws OptionsError that names the file and says what to do.
 */
export function readState(text: string, file: string): StackState {
  const found = parseJson(text)
  if (found === undefined) throw unusable(file, 'is no JSON, so it is broken')
  if (!isRecord(found) || found[MARK] !== 'local') {
    throw unusable(file, 'was not written by agentcore-x402')
  }
  if (found['format'] !== FORMAT) {
    throw unusable(file, 'was written by another version of agentcore-x402')
  }
  const parsed = KeptState.safeParse(found)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues[0]?.path.map(String).join('.') ?? ''
  throw unusable(file, `is broken at ${where}`)
}

function unusable(file: string, why: string): OptionsError {
  return new OptionsError(
    'folder',
    `${file} ${why}. Begin anew with --reset (in code: reset: true), or name another folder`,
  )
}
