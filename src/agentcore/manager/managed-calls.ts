import { randomUUID } from 'node:crypto'
import { PaymentError } from '../../errors/payment-error.js'
import { unreadable } from '../aws/aws-error.js'
import { createDataPlane, type DataPlane } from '../aws/data-plane.js'
import { checkClientToken, checkUserId } from './input-checks.js'
import type { CheckedManager } from './manager-options.js'
import type { ForUser, Page } from '../aws/operations.js'
import type { AwsAnswer } from '../aws/sdk-call.js'

/** Calls of the data plane for one payment manager. */
export interface ManagedCalls extends DataPlane {
  /** @throws PaymentError with code `invalid_input` if nobody says for whom a call is. */
  owner(input: ForUser): Owner
}

/** What every request says. */
interface Owner {
  paymentManagerArn: string
  userId: string | undefined
}

export function createManagedCalls(manager: CheckedManager): ManagedCalls {
  const { paymentManagerArn, agentName, connection, settings } = manager
  return {
    ...createDataPlane(connection, agentName),
    owner({ userId }) {
      if (connection.isBearer) return { paymentManagerArn, userId: undefined }
      const user = checkUserId(userId) ?? settings.userId
      // Who a client of the caller's own is for, only that client knows.
      if (user !== undefined || connection.client !== undefined) {
        return { paymentManagerArn, userId: user }
      }
      const message = 'userId: required without a bearer token, here or for the PaymentManager'
      throw new PaymentError('invalid_input', message)
    },
  }
}

/** Ours, so that a repetition beyond those of the SDK has it too. */
export function tokenOf({ clientToken }: { clientToken?: string | undefined }): {
  clientToken: string
} {
  return { clientToken: checkClientToken(clientToken) ?? randomUUID() }
}

export function pageOf({ maxResults = 100, nextToken }: Page): Page {
  return { maxResults, nextToken }
}

/** @throws PaymentError if an answer lacks what AWS promises. */
export function present<T extends object>(value: T | undefined, operation: string): AwsAnswer<T> {
  if (value === undefined) throw unreadable(operation)
  return value as AwsAnswer<T>
}
