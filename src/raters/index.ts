export { combinePanel, type MemberRating, type PanelInfo, type PanelValue, panelInfo } from './panel.ts';
