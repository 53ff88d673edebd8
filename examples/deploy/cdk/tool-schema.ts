import { SchemaDefinitionType, ToolSchema } from 'aws-cdk-lib/aws-bedrockagentcore'

/**
 * What `tools/list` shows. The full name of the tool is `weather___forecast`: target, three underscores,
 * tool.
 */
export const forecastTool = ToolSchema.fromInline([
  {
    name: 'forecast',
    description: 'The weather of tomorrow. Costs one credit.',
    inputSchema: {
      type: SchemaDefinitionType.OBJECT,
      properties: {
        city: { type: SchemaDefinitionType.STRING, description: 'Name of the city' },
        // AWS's payments plugin puts a payment here. It is not required, and is removed before the work.
        headers: {
          type: SchemaDefinitionType.OBJECT,
          description: 'Payment headers, filled in by the paying client. Leave it out.',
        },
      },
      required: ['city'],
    },
  },
])
