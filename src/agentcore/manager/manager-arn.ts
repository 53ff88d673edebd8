import { text } from '../../checks.js'
import { OptionsError } from '../../errors/payment-error.js'
import { checkRegion } from '../aws/connection.js'

const OPTION = 'paymentManagerArn'
const FORM = 'arn:aws:bedrock-agentcore:<region>:<account>:payment-manager/<id>'

/**
 * The region in the ARN of a payment manager. The id is checked only loosely. The pattern in the API
 * reference does not fit ids that AWS's own guide has in its examples.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/payments-process-payment.html
 * @throws OptionsError saying which part of the ARN does not fit, without its value.
 */
export function regionOfManager(paymentManagerArn: unknown): string {
  const [arn, partition = '', service, region = '', account = '', ...resource] = text(
    OPTION,
    paymentManagerArn,
  ).split(':')
  if (arn !== 'arn' || resource.length === 0) throw wrong('it is no ARN')
  if (!/^aws(-[a-z0-9-]+)?$/.test(partition)) throw wrong('its partition is not aws or aws-…')
  if (service !== 'bedrock-agentcore') throw wrong('its service is not bedrock-agentcore')
  if (!/^\d{12}$/.test(account)) throw wrong('its account is not 12 digits')
  const [type, ...id] = resource.join(':').split('/')
  if (type !== 'payment-manager') throw wrong('its resource is not payment-manager/<id>')
  if (!/^[\w.-]+$/.test(id.join('/'))) {
    throw wrong('its id is not one or more letters, digits, hyphens, dots and underscores')
  }
  if (region === '') throw wrong('it names no region')
  return checkRegion(OPTION, region) ?? region
}

function wrong(why: string): OptionsError {
  return new OptionsError(OPTION, `expected ${FORM}; ${why}`)
}
