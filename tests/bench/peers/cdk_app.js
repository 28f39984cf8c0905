// The article's environment with AWS CDK's own constructs, as a user would write it: the same services, in seven stacks.
const cdk = require('aws-cdk-lib');
const { aws_ec2: ec2, aws_ecs: ecs, aws_ecr: ecr, aws_elasticloadbalancingv2: elb, aws_codecommit: codecommit } = cdk;
const { aws_codebuild: codebuild, aws_codedeploy: codedeploy, aws_codepipeline: pipeline, aws_s3: s3, aws_logs: logs } = cdk;
const actions = cdk.aws_codepipeline_actions;

const app = new cdk.App();
const stack = (name) => new cdk.Stack(app, `cf1-stg-${name}`);

const network = stack('network');
const vpc = new ec2.Vpc(network, 'Vpc', {
  ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'),
  maxAzs: 2,
  natGateways: 0,
  subnetConfiguration: [
    { name: 'public', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 19 },
    { name: 'private', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 19 },
  ],
});
for (const [name, service] of Object.entries({
  EcrDkr: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
  EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
})) vpc.addInterfaceEndpoint(name, { service });
vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });

const balancer = stack('load-balancer');
const taskGroup = new ec2.SecurityGroup(balancer, 'TaskGroup', { vpc, allowAllOutbound: true });
const alb = new elb.ApplicationLoadBalancer(balancer, 'Alb', { vpc, internetFacing: true, loadBalancerName: 'cf1-stg-alb-01' });
const group = (name) => new elb.ApplicationTargetGroup(balancer, name, {
  vpc, port: 80, protocol: elb.ApplicationProtocol.HTTP, targetType: elb.TargetType.IP,
  healthCheck: { path: '/test.html', interval: cdk.Duration.seconds(30), timeout: cdk.Duration.seconds(5) },
});
const blue = group('Blue');
const green = group('Green');
const production = alb.addListener('Production', { port: 81, protocol: elb.ApplicationProtocol.HTTP, defaultTargetGroups: [blue] });
const test = alb.addListener('Test', { port: 82, protocol: elb.ApplicationProtocol.HTTP, defaultTargetGroups: [blue] });

const repository = new ecr.Repository(stack('registry'), 'Repository', {
  repositoryName: 'cf1-stg-ecr-fargate-01', imageScanOnPush: true, imageTagMutability: ecr.TagMutability.IMMUTABLE,
  lifecycleRules: [{ maxImageCount: 100 }],
});

const cluster = new ecs.Cluster(stack('cluster'), 'Cluster', { vpc, clusterName: 'cf1-stg-cluster-01' });

const services = stack('service');
const definition = new ecs.FargateTaskDefinition(services, 'Task', { family: 'cf1-stg-task-fargate-01', cpu: 256, memoryLimitMiB: 512 });
definition.addContainer('fargate', {
  image: ecs.ContainerImage.fromEcrRepository(repository, 'first'),
  portMappings: [{ containerPort: 80 }],
  logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'fargate', logRetention: logs.RetentionDays.ONE_MONTH }),
});
const service = new ecs.FargateService(services, 'Service', {
  cluster, taskDefinition: definition, desiredCount: 2, minHealthyPercent: 100, serviceName: 'cf1-stg-service-fargate-01', securityGroups: [taskGroup],
  deploymentController: { type: ecs.DeploymentControllerType.CODE_DEPLOY },
});
service.attachToApplicationTargetGroup(blue);

// CDK's grants between repository, project and pipeline go both ways, so these three share a stack.
const pipelines = stack('pipeline');
const source = new codecommit.Repository(pipelines, 'Source', { repositoryName: 'cf1-stg-repo-01' });
const build = new codebuild.PipelineProject(pipelines, 'Build', {
  environment: { buildImage: codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5, privileged: true },
  buildSpec: codebuild.BuildSpec.fromSourceFilename('buildspec.yml'),
});
repository.grantPullPush(build);

const deployment = new codedeploy.EcsDeploymentGroup(stack('deployment'), 'Group', {
  service, blueGreenDeploymentConfig: { blueTargetGroup: blue, greenTargetGroup: green, listener: production, testListener: test },
  deploymentConfig: codedeploy.EcsDeploymentConfig.ALL_AT_ONCE,
});

const sourced = new pipeline.Artifact('Source');
const built = new pipeline.Artifact('Deploy');
new pipeline.Pipeline(pipelines, 'Pipeline', {
  pipelineType: pipeline.PipelineType.V2, pipelineName: 'cf1-stg-pipeline-01',
  artifactBucket: new s3.Bucket(pipelines, 'Artifacts', { versioned: true, enforceSSL: true, blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL }),
  stages: [
    { stageName: 'Source', actions: [new actions.CodeCommitSourceAction({ actionName: 'Source', repository: source, branch: 'main', output: sourced })] },
    { stageName: 'Build', actions: [new actions.CodeBuildAction({ actionName: 'Build', project: build, input: sourced, outputs: [built] })] },
    { stageName: 'Deploy', actions: [new actions.CodeDeployEcsDeployAction({
      actionName: 'Deploy', deploymentGroup: deployment, taskDefinitionTemplateInput: built, appSpecTemplateInput: built,
      containerImageInputs: [{ input: built, taskDefinitionPlaceholder: 'IMAGE1_NAME' }],
    })] },
  ],
});
app.synth();
