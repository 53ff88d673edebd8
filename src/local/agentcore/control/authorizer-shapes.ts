import * as z from 'zod/mini'
import { list, text, union } from '../world/shapes.js'

/**
 * The shapes that say who may call a payment manager of type CUSTOM_JWT.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CustomJWTAuthorizerConfiguration.html
 */

const name = { min: 1, max: 255 }
const matchValue = text({ ...name, pattern: '[A-Za-z0-9_.-]+' })

const customClaim = z.object({
  inboundTokenClaimName: text({ ...name, pattern: '[A-Za-z0-9_.-:]+' }),
  inboundTokenClaimValueType: z.enum(['STRING', 'STRING_ARRAY']),
  authorizingClaimMatchValue: z.object({
    claimMatchValue: union({
      matchValueString: matchValue,
      matchValueStringList: list(matchValue, 1),
    }),
    claimMatchOperator: z.enum(['EQUALS', 'CONTAINS', 'CONTAINS_ANY']),
  }),
})

const privateEndpoint = union({
  selfManagedLatticeResource: union({
    resourceConfigurationIdentifier: text({
      min: 20,
      max: 2048,
      pattern:
        '((rcfg-[0-9a-z]{17})|(arn:[a-z0-9\\-]+:vpc-lattice:[a-zA-Z0-9\\-]+:\\d{12}:resourceconfiguration/rcfg-[0-9a-z]{17}))',
    }),
  }),
  managedVpcResource: z.object({
    vpcIdentifier: text({ pattern: 'vpc-(([0-9a-z]{8})|([0-9a-z]{17}))' }),
    subnetIds: list(text({ pattern: 'subnet-[0-9a-zA-Z]{8,17}' })),
    endpointIpAddressType: z.enum(['IPV4', 'IPV6']),
    securityGroupIds: z.optional(
      list(text({ pattern: 'sg-(([0-9a-z]{8})|([0-9a-z]{17}))' }), 0, 5),
    ),
    tags: z.optional(z.record(z.string(), z.string())),
    routingDomain: z.optional(text({ min: 3, max: 255 })),
  }),
})

export const authorizerConfiguration = union({
  customJWTAuthorizer: z.object({
    discoveryUrl: text({ pattern: '.+/\\.well-known/openid-configuration' }),
    allowedAudience: z.optional(list(text(), 1)),
    allowedClients: z.optional(list(text(), 1)),
    allowedScopes: z.optional(
      list(text({ ...name, pattern: '[\\x21\\x23-\\x5B\\x5D-\\x7E]+' }), 1),
    ),
    customClaims: z.optional(list(customClaim, 1)),
    privateEndpoint: z.optional(privateEndpoint),
    privateEndpointOverrides: z.optional(
      list(z.object({ domain: text({ min: 1, max: 253 }), privateEndpoint }), 0, 5),
    ),
  }),
})
