/* Threshold가 하는 말, 한국어. */

const percent = (share) => `${Math.round(100 * share)}%`;
const count = (number) => number.toLocaleString("ko");
const score = (number) => `${Number(number.toPrecision(3))}`.replace("-", "−");
const told = ({ hits, alarms, threshold }) =>
  `문턱값 ${score(threshold)}: 탐지율 ${percent(hits)}, 오경보율 ${percent(alarms)}.`;

export default {
  title: "익숙한 것과 낯선 것 사이의 문턱값",
  familiar: (number) => `익숙한 것: 테스트 숫자 ${count(number)}장`,
  unfamiliar: (name, number) => `낯선 것(${name}): ${count(number)}장`,
  histograms: (facts) => `점수의 히스토그램 두 개. 익숙한 것은 위로, 낯선 것은 아래로 그렸습니다. ${told(facts)}`,
  roc: ({ area, hits, alarms }) =>
    `ROC 곡선, AUROC ${area.toFixed(2)}. 점은 오경보율 ${percent(alarms)}, 탐지율 ${percent(hits)} 자리입니다.`,
  alarmsAxis: "오경보율",
  hitsAxis: "탐지율",
  fields: { hits: "탐지율", alarms: "오경보율", area: "AUROC" },
  shown: {
    hits: ({ hits, hit, unfamiliar }) => `${percent(hits)} (${count(unfamiliar)}장 중 ${count(hit)}장)`,
    alarms: ({ alarms, alarmed, familiar }) => `${percent(alarms)} (${count(familiar)}장 중 ${count(alarmed)}장)`,
    area: ({ area }) => area.toFixed(2),
  },
  told,
  score,
  sentence:
    "위쪽은 모델이 배운 종류의 숫자이고 아래쪽은 낯선 그림입니다. 문턱값보다 오른쪽에 있으면 경보가 울립니다. " +
    "문턱값을 옮겨 보세요.",
  threshold: "문턱값",
  kind: "낯선 것",
  kinds: {
    "without-2": "빼고 배운 2",
    "without-1": "빼고 배운 1",
    mirrored: "좌우로 뒤집은 숫자",
    letters: "알파벳",
    hangul: "한글",
    noise: "잡음",
    blank: "빈 종이",
    own: "내 점수",
  },
  by: "점수",
  scores: { error: "복원 오차", neighbours: "거리", error_by_variance: "오차 ÷ 분산" },
  more: "더 보기: 키보드 조작, 점수의 출처",
  keys: "슬라이더에서 화살표 키로 문턱값을 옮깁니다. Shift와 함께 누르면 열 칸씩 가고, " +
    "Home을 누르면 익숙한 이미지의 5%가 경보를 울리는 자리로 돌아갑니다. " +
    "점수가 크게 벌어져 있으면 축은 로그 눈금입니다.",
  about: {
    "without-1":
      "1을 한 장도 보여 주지 않고 학습시킨, 잠재 코드가 값 20개인 오토인코더입니다. 낯선 것은 테스트 세트의 1입니다.",
    "without-2":
      "2를 한 장도 보여 주지 않고 학습시킨, 잠재 코드가 값 20개인 오토인코더입니다. 낯선 것은 테스트 세트의 2입니다.",
    own: "직접 넣은 점수입니다. 점수가 클수록 낯선 이미지입니다.",
    all: "첫 페이지에 나오는 적층 오토인코더입니다. 잠재 코드는 값 20개이고, 숫자 열 가지를 모두 배웠습니다.",
  },
};
