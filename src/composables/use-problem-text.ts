import type { NetworkProblem } from '#protocol/model/network';
import { useText } from './use-text.ts';

/** The sentence a person reads about what stands between them and a server. */
export function useProblemText(): (problem: NetworkProblem) => string {
  const { t } = useText();
  return (problem) => {
    switch (problem.kind) {
      case 'name-unknown':
        return t('network.problems.name-unknown', { host: problem.host });
      case 'proxy-unreachable':
        return t('network.problems.proxy-unreachable', { proxy: problem.proxy });
      case 'proxy-sign-in':
        return problem.again
          ? t('network.problems.proxy-sign-in-again', { proxy: problem.proxy })
          : t('network.problems.proxy-sign-in', { proxy: problem.proxy });
      case 'proxy-refused':
        return problem.status === null
          ? t('network.problems.proxy-refused', { proxy: problem.proxy })
          : t('network.problems.proxy-refused-status', { proxy: problem.proxy, status: problem.status });
      default:
        return t(`network.problems.${problem.kind}`);
    }
  };
}
