export { until } from '../../../scripts/desktop/until.ts';
