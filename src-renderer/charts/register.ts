/** Chart.js with only the parts that are used. */
import { BoxAndWiskers, BoxPlotController, Violin, ViolinController } from '@sgratzl/chartjs-chart-boxplot'
import { CategoryScale, Chart, LinearScale, LineElement, LogarithmicScale, PointElement, Tooltip } from 'chart.js'
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars'
import annotation from 'chartjs-plugin-annotation'
import zoom from 'chartjs-plugin-zoom'

Chart.register(
  BoxAndWiskers,
  BoxPlotController,
  CategoryScale,
  LinearScale,
  LogarithmicScale,
  LineElement,
  PointElement,
  PointWithErrorBar,
  ScatterWithErrorBarsController,
  Tooltip,
  Violin,
  ViolinController,
  annotation,
  zoom
)

export { Chart }
