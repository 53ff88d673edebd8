import { CONNECTION_OPTIONS } from '../../../src/agentcore/aws/connection.js'
import { SETTINGS } from '../../../src/agentcore/manager/manager-options.js'
import { WAIT_OPTIONS } from '../../../src/agentcore/setup/wait-options.js'
import { at, type Area } from './section.js'
import * as give from './wrong-values.js'

/** The options that say how AWS is reached: one section has them for all that take them. */
const CONNECTION: readonly string[] = Object.keys(CONNECTION_OPTIONS)
const WAITING: readonly string[] = Object.keys(WAIT_OPTIONS)
const SETTING: readonly string[] = Object.keys(SETTINGS)

const INVALID_INPUT = 'A wrong value is a `PaymentError` with code `invalid_input`.'

export const AGENTCORE: Area = {
  heading: 'AgentCore payments',
  about: 'Guide: [AgentCore payments](agentcore-payments.md).',
  sections: [
    {
      heading: 'PaymentManager',
      place: at('agentcore/manager/manager-options.ts', 'PaymentManagerOptions'),
      about:
        '`new PaymentManager(options)`. It also takes [what a payment is made from](#what-a-payment-is-made-from) and [the connection](#connection-to-aws).',
      without: [...CONNECTION, ...SETTING],
      give: give.manager,
    },
    {
      heading: 'What a payment is made from',
      place: at('agentcore/manager/manager-options.ts', 'PaymentSettings'),
      about:
        'Options of `PaymentManager`. `manager.payer(settings)` and `manager.generatePaymentHeader(input)` take them again, for one payer or one payment. `limits` takes the [limits of one payment](#limits-of-one-payment).',
      give: give.manager,
    },
    {
      heading: 'Connection to AWS',
      place: at('agentcore/aws/connection.ts', 'ConnectionOptions'),
      about:
        'Options of `PaymentManager`, `PaymentClient` and `AgentCorePaymentsPlugin`. `PaymentClient` takes no bearer token.',
      give: give.manager,
    },
    {
      heading: 'Sessions of a PaymentManager',
      place: at('agentcore/aws/operations.ts', 'CreatePaymentSessionInput'),
      about: `\`manager.createPaymentSession(input)\`. ${INVALID_INPUT}`,
    },
    {
      heading: 'Lists of a PaymentManager',
      place: at('agentcore/aws/operations.ts', 'Page'),
      about: `\`manager.listPaymentInstruments(input)\` and \`manager.listPaymentSessions(input)\`. ${INVALID_INPUT}`,
    },
    {
      heading: 'PaymentClient',
      place: at('agentcore/setup/payment-client-options.ts', 'PaymentClientOptions'),
      about:
        '`new PaymentClient(options)` makes managers and connectors. It also takes [the connection](#connection-to-aws).',
      without: CONNECTION,
      give: give.client,
    },
    {
      heading: 'Waiting for a manager or connector',
      place: at('agentcore/setup/wait-options.ts', 'WaitOptions'),
      about:
        'Methods of `PaymentClient` that create or update take these beside the members of AWS.',
      give: give.wait,
    },
    {
      heading: 'Waiting for a deletion',
      place: at('agentcore/setup/wait-options.ts', 'DeletionWaitOptions'),
      about:
        'Methods of `PaymentClient` that delete take this in place of `waitForReady`, and the others as above.',
      names: ['waitForDeletion'],
      give: give.wait,
    },
    {
      heading: 'createPaymentManagerWithConnector',
      place: at('agentcore/setup/manager-with-connector-options.ts', 'ManagerWithConnectorOptions'),
      about:
        '`client.createPaymentManagerWithConnector(options)`. It also takes [the options of waiting](#waiting-for-a-manager-or-connector).',
      without: WAITING,
      give: give.managerWithConnector,
    },
    {
      heading: 'The connector to make',
      place: at('agentcore/setup/manager-with-connector-options.ts', 'PaymentConnectorConfig'),
      about: 'The option `paymentConnectorConfig` of `createPaymentManagerWithConnector`.',
      path: 'paymentConnectorConfig.',
      give: give.connector,
    },
    {
      heading: 'The credential provider to make',
      place: at(
        'agentcore/setup/manager-with-connector-options.ts',
        'PaymentCredentialProviderConfig',
      ),
      about: 'The option `paymentCredentialProviderConfig` of `paymentConnectorConfig`.',
      path: 'paymentConnectorConfig.paymentCredentialProviderConfig.',
      give: give.provider,
    },
    {
      heading: 'One call',
      place: at('agentcore/aws/sdk-call.ts', 'CallOptions'),
      about: 'The second argument of every method of `PaymentManager` and `PaymentClient`.',
    },
  ],
}

export const STRANDS: Area = {
  heading: 'Strands agents',
  about: 'Guide: [Strands agents](strands.md).',
  sections: [
    {
      heading: 'AgentCorePaymentsPlugin',
      place: at('strands/options/options.ts', 'AgentCorePaymentsPluginOptions'),
      about:
        '`new AgentCorePaymentsPlugin(options)`. It also takes [the connection to AWS](#connection-to-aws). `limits` takes the [limits of one payment](#limits-of-one-payment).',
      without: CONNECTION,
      give: give.plugin,
    },
    {
      heading: 'payingMcpClient',
      place: at('strands/paying-mcp-client.ts', 'PayingMcpClientOptions'),
      about: '`payingMcpClient(client, options)`.',
      give: give.payingMcpClient,
    },
  ],
}
