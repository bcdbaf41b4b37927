/* CodeMap이 하는 말, 한국어. */

const minus = (number) => number.toFixed(1).replace("-0.0", "0.0").replace("-", "−");
const count = (number) => number.toLocaleString("ko");
const origin = (row, kind) => kind === "variational" ? "9장의 VAE" : `결과표의 ${row} 행`;
const written = (code) => `(${Array.from(code, minus).join(", ")})`;

export default {
  title: "값이 두 개인 잠재 코드의 지도",
  map: "지도: 화살표 키로 점을 옮기고 Shift와 함께 누르면 열 배 멀리 갑니다. Home을 누르면 가운데로 돌아갑니다",
  drawn: "디코더가 그린 그림",
  nearest: "가장 가까운 테스트 숫자",
  none: "표시한 숫자 없음",
  code: written,
  digit: (label) => `숫자 ${label}`,
  told: (code, label) =>
    `잠재 코드 ${written(code)}.${label === null ? "" : ` 가장 가까운 테스트 숫자는 ${label}입니다.`}`,
  sentence:
    "지도 위의 모든 자리가 값 두 개짜리 잠재 코드이고, 디코더는 자리마다 그림을 하나씩 그립니다. 점을 옮겨 보세요.",
  model: "모델",
  models: { linear: "선형", nonlinear: "비선형", variational: "변분", own: "내 모델" },
  classes: "표시할 숫자",
  more: "더 보기: 키보드 조작, 모델 정보",
  keys:
    "지도에서 화살표 키로 점을 옮깁니다. Shift와 함께 누르면 열 배 멀리 가고, Home을 누르면 가운데로 돌아갑니다.",
  about: (name, { row, kind, parameters, precision, test_error }) =>
    precision
      ? `${name}: ${origin(row, kind)}, ` +
        `가중치 ${count(parameters)}개(${precision}), ` +
        `테스트 오차 ${test_error.toFixed(4)}. 점은 테스트 숫자의 처음 1,000장이며 16단계 회색으로 줄였습니다.`
      : `${name}: 테스트 오차 ${test_error.toFixed(4)}.`,
};
