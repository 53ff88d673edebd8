import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

/** What happens to a request. */
export type Fault =
  /** It is carried out, and its reply is lost. */
  | 'reply lost'
  /** It is not carried out, and the answer is AWS's error of this name. */
  | { error: string; status?: number; reasons?: string[] }

/** A request that a client sent. */
export interface Sent {
  /** The operation, e.g. `PutItem`. */
  operation: string
  /** The number of the request among those of its operation, from 1. */
  nth: number
}

/**
 * Makes requests of a client fail.
 *
 * @returns the requests so far
 */
export function withFaults(
  client: DynamoDBClient,
  faultOf: (sent: Sent) => Fault | undefined,
): Sent[] {
  const sent: Sent[] = []
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, '')
        const nth = sent.filter((one) => one.operation === operation).length + 1
        sent.push({ operation, nth })
        const fault = faultOf({ operation, nth })
        if (fault !== undefined && fault !== 'reply lost') throw thrown(fault)
        const reply = await next(args)
        if (fault === undefined) return reply
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      },
    // The fault comes within the repeats of the SDK.
    { step: 'finalizeRequest', priority: 'low' },
  )
  return sent
}

function thrown({ error, status = 400, reasons }: Exclude<Fault, string>): Error {
  return Object.assign(new Error('secret details'), {
    name: error,
    $metadata: { httpStatusCode: status },
    ...(reasons && { CancellationReasons: reasons.map((Code) => ({ Code })) }),
  })
}
