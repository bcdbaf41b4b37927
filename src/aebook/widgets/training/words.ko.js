/* Training이 하는 말, 한국어. */

const count = (number) => number.toLocaleString("ko");
const error = (number) => number.toFixed(4);
const beside = (number, best) => `${error(number)} (PCA ${error(best)})`;

export default {
  title: "이 페이지에서 학습하는 선형 오토인코더",
  count,
  error,
  rate: (number) => `${number}`,
  chart: ({ said: { steps, loss, best } }) =>
    `배치마다의 손실: ${count(steps)}단계 뒤 ${loss === null ? "아직 없음" : error(loss)}. ` +
    `이 숫자들에 대한 PCA의 오차: ${error(best)}`,
  averageLine: (number) => `늘 평균 이미지: ${error(number)}`,
  bestLine: (number) => `PCA, 가능한 최솟값: ${error(number)}`,
  names: { steps: "단계", loss: "학습 오차", testError: "테스트 오차" },
  values: {
    steps: ({ steps, epochs }) => [count(steps), `${epochs.toFixed(1)}에폭`],
    loss: ({ loss, best }) => [loss === null ? "–" : error(loss), `PCA ${error(best)}`],
    testError: ({ testError, bestTest }) => [error(testError), `PCA ${error(bestTest)}`],
  },
  pairs: (errors) => `위는 테스트 숫자 열 장, 아래는 복원한 그림. 오차는 ${errors.map(error).join(", ")}`,
  weights:
    "디코더의 가중치입니다. 잠재 코드의 값 하나에 그림 한 장씩이며, 파란색은 잉크를 더하고 주황색은 덜어 냅니다.",
  sentence: ({ steps, diverged }, size) =>
    diverged
      ? "한 단계에 너무 멀리 가서 오차가 끝없이 커집니다. 학습률을 줄여 보세요."
      : steps === 0
      ? `숫자마다 값 ${size}개만 보고 그려야 하는데, 모델은 아직 아무것도 모릅니다. 시작을 눌러 보세요.`
      : `위는 테스트 숫자 열 장, 아래는 값 ${size}개만으로 되살린 그림입니다.`,
  told: ({ steps, loss, best, testError, bestTest }) =>
    `${count(steps)}단계. ` + (loss === null ? "" : `학습 오차 ${beside(loss, best)}. `) +
    `테스트 오차 ${beside(testError, bestTest)}.`,
  start: "시작",
  pause: "멈춤",
  goOn: "계속",
  step: "한 단계",
  reset: "처음으로",
  recipe: "학습률",
  presets: { short: "0.0002, 널리 쓰는 값", better: "0.002, 그 열 배" },
  more: "더 보기: 옵티마이저, 배치 크기, 잠재 코드 크기",
  optimizer: "옵티마이저",
  optimizers: { adam: "Adam", sgd: "SGD" },
  learning_rate: "학습률",
  batch_size: "배치 크기",
  code_size: "잠재 코드 크기",
  seed: "시드",
  about:
    "학습 숫자 가운데 처음 4,000장을 16단계 회색으로 줄여 쓰고, 테스트 오차는 테스트 숫자의 처음 1,000장에서 잽니다. " +
    "학습 오차는 마지막 에폭의 배치들을 평균한 값입니다. 설정을 바꾸면 처음부터 다시 시작하고, " +
    "회색 곡선은 바로 앞의 학습입니다. 설정이 같으면 곡선도 같습니다.",
};
