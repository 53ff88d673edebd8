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
  /** @throws PaymentError with code `invalid_input` if it is not known which user a call is for. */
  owner(input: ForUser): Owner
}

/** Whom every request is for. */
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
      // Only the caller's own client knows which user it is for.
      if (user !== undefined || connection.client !== undefined) {
        return { paymentManagerArn, userId: user }
      }
      const message =
        'userId: required without a bearer token, in the call or in the PaymentManager'
      throw new PaymentError('invalid_input', message)
    },
  }
}

/**
 * The client token of a call. It is made here, so that our own repetitions have the same one as those of the
 * SDK.
 */
export function tokenOf({ clientToken }: { clientToken?: string | undefined }): {
  clientToken: string
} {
  return { clientToken: checkClientToken(clientToken) ?? randomUUID() }
}

export function pageOf({ maxResults = 100, nextToken }: Page): Page {
  return { maxResults, nextToken }
}

/** @throws PaymentError if the answer lacks what AWS promises. */
export function present<T extends object>(value: T | undefined, operation: string): AwsAnswer<T> {
  if (value === undefined) throw unreadable(operation)
  return value as AwsAnswer<T>
}
