import { randomBytes } from 'node:crypto'
import type { Bank, Claim } from './bank.js'
import type { MoneyBooks } from './money-books.js'

/**
 * Keeps balances and used nonces in books. Payers of `upto` count as having approved Permit2. On a chain
 * they have to send a transaction for that.
 */
export function createLedgerBank({ balances, used }: MoneyBooks): Bank {
  const balanceOf = (address: string) => balances.get(address.toLowerCase()) ?? 0n
  const add = (address: string, units: bigint) => {
    balances.set(address.toLowerCase(), balanceOf(address) + units)
  }
  return {
    settlesOn: 'ledger',
    schemes: ['exact', 'upto'],
    balanceOf: (address) => Promise.resolve(balanceOf(address)),
    fund: (address, units) => {
      add(address, units)
      return Promise.resolve()
    },
    isUsed: (claim) => Promise.resolve(used.has(keyOf(claim))),
    move: (claim, units) => {
      used.add(keyOf(claim))
      add(claim.payer, -units)
      add(claim.payTo, units)
      return Promise.resolve({ transaction: `0x${randomBytes(32).toString('hex')}` })
    },
    close: () => Promise.resolve(),
  }
}

/** The key of a claim. Each scheme has nonces of its own, in a contract of its own. */
function keyOf({ scheme, payer, nonce }: Claim): string {
  return `${scheme} ${payer} ${nonce}`
}
