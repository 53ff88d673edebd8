import { SchemaDefinitionType, ToolSchema } from 'aws-cdk-lib/aws-bedrockagentcore'

/** What `tools/list` shows. The tool's full name is `weather___forecast`: target, three underscores, tool. */
export const forecastTool = ToolSchema.fromInline([
  {
    name: 'forecast',
    description: 'The weather of tomorrow. Costs one credit.',
    inputSchema: {
      type: SchemaDefinitionType.OBJECT,
      properties: {
        city: { type: SchemaDefinitionType.STRING, description: 'Name of the city' },
        // Where AWS's payments plugin puts a payment; never required, and stripped before the work.
        headers: {
          type: SchemaDefinitionType.OBJECT,
          description: 'Payment headers, filled in by the paying client. Leave it out.',
        },
      },
      required: ['city'],
    },
  },
])
