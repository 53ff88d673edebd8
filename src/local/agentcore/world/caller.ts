import type { IncomingHttpHeaders } from 'node:http'
import { isRecord } from '../../../wire/json.js'
import { accessDenied } from './aws-error.js'
import type { Call } from './world.js'

export interface Caller extends Pick<Call, 'authorizerType' | 'region'> {
  /** The `sub` of a bearer token. */
  subject: string | undefined
}

const DEFAULT_REGION = 'us-west-2'
const SIGNED =
  /^AWS4-[A-Z0-9-]+ +Credential=[^/]+\/\d{8}\/([a-z0-9-]{1,25})\/[a-z0-9-]+\/aws4_request/

/**
 * Finds out who calls. Nothing is verified. Any credentials will do, and a bearer token only has to be a JWT
 * that has not expired.
 *
 * @throws AwsFault AccessDeniedException if there is neither a SigV4 signature nor a JWT.
 */
export function callerOf({ authorization = '' }: IncomingHttpHeaders, nowMs: number): Caller {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (token !== undefined) {
    return {
      authorizerType: 'CUSTOM_JWT',
      subject: subjectOf(token, nowMs),
      region: DEFAULT_REGION,
    }
  }
  if (authorization === '') throw accessDenied('Missing Authentication Token')
  if (!authorization.startsWith('AWS4-')) throw accessDenied('Unknown kind of Authorization')
  const region = SIGNED.exec(authorization)?.[1] ?? DEFAULT_REGION
  return { authorizerType: 'AWS_IAM', subject: undefined, region }
}

function subjectOf(token: string, nowMs: number): string | undefined {
  const claims = claimsOf(token)
  if (claims === undefined) throw accessDenied('The bearer token is not a JWT')
  const { sub, exp } = claims
  if (typeof exp === 'number' && exp * 1000 <= nowMs) {
    throw accessDenied('The bearer token is past its exp')
  }
  return typeof sub === 'string' ? sub : undefined
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())
    return isRecord(claims) ? claims : undefined
  } catch {
    return undefined
  }
}
