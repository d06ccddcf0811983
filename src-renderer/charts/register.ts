/** Chart.js with only the parts that are used. */
import { Chart, LinearScale, LineElement, LogarithmicScale, PointElement, Tooltip } from 'chart.js'
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars'
import annotation from 'chartjs-plugin-annotation'
import zoom from 'chartjs-plugin-zoom'

Chart.register(
  LinearScale,
  LogarithmicScale,
  LineElement,
  PointElement,
  PointWithErrorBar,
  ScatterWithErrorBarsController,
  Tooltip,
  annotation,
  zoom
)

export { Chart }
